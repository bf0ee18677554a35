import { Alert, Card, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type {
  SpeedOver,
  SustainedModel,
  SustainedPoint,
  SustainedResult,
} from '../../../electron/contract/sustained.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Chart } from '../../parts/Chart.tsx';
import { courseOption } from './sustained.ts';
import { sustainedTexts } from './words-trial.ts';

/** Both latencies and the temperature over the minutes until now. */
export function Course({ points }: { readonly points: readonly SustainedPoint[] }): ReactNode {
  const say = useTexts(sustainedTexts);
  if (points.length < 2) return null;
  const words = {
    ...{ a: 'A', b: 'B', temperature: say('temperature') },
    ...{ minute: say('minuteAxis'), latency: say('latencyAxis') },
  };
  return (
    <Chart
      title={say('course')}
      description={say('courseDescription')}
      height={260}
      option={(tokens) => courseOption(points, words, tokens)}
      table={{
        columns: [say('minuteAxis'), 'A (ms)', 'B (ms)', say('ratio'), say('temperature'), 'MHz'],
        rows: points.map((point) => [
          point.minute,
          point.aUs / 1e3,
          point.bUs / 1e3,
          point.speedup,
          point.temperatureC,
          point.clockMHz,
        ]),
      }}
    />
  );
}

/** How a comparison over minutes went: each part of the time with its verdict, heat, drift and memory. */
export function Sustained({ result }: { readonly result: SustainedResult }): ReactNode {
  const say = useTexts(sustainedTexts);
  const parts = [
    ['whole', result.whole],
    ['first', result.first],
    ['lastThird', result.lastThird],
  ] as const;
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={3} fz="md">
          {say('parts')}
        </Title>
        <Ending result={result} />
        <Table aria-label={say('parts')}>
          <Table.Thead>
            <Table.Tr>
              {(['part', 'minutes', 'interval', 'verdict', 'noise'] as const).map((key) => (
                <Table.Th key={key}>{say(key)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {parts.map(([name, part]) => part && <PartRow key={name} name={say(name)} part={part} />)}
          </Table.Tbody>
        </Table>
        <Text fw={600}>{say(`ranking.${result.ranking}`)}</Text>
        <Facts result={result} />
        <Course points={result.points} />
      </Stack>
    </Card>
  );
}

function PartRow({ name, part }: { readonly name: string; readonly part: SpeedOver }) {
  const say = useTexts(sustainedTexts);
  const quantities = useQuantities();
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td className="ft-number">
        {part.fromMinute.toFixed(1)}–{part.toMinute.toFixed(1)}
      </Table.Td>
      <Table.Td className="ft-number">
        {quantities.ratio(part.speedup)} {quantities.interval(part.interval95)}
      </Table.Td>
      <Table.Td>{say(`verdict.${part.verdict}`)}</Table.Td>
      <Table.Td className="ft-number">±{quantities.percent(100 * part.noiseFloor)}</Table.Td>
    </Table.Tr>
  );
}

function Ending({ result }: { readonly result: SustainedResult }) {
  const say = useTexts(sustainedTexts);
  const { ended, minutes, minutesAsked, reason } = result;
  if (ended === 'complete') return null;
  const span = { minutes: minutes.toFixed(1), asked: minutesAsked };
  return (
    <Alert color="orange" variant="light">
      {say(ended, { ...span, reason: foreignText(reason) })}
    </Alert>
  );
}

function Facts({ result }: { readonly result: SustainedResult }) {
  const say = useTexts(sustainedTexts);
  const quantities = useQuantities();
  const { a, b, temperatureC, clockMHz, throttledShare, memory } = result;
  const driftOf = ({ driftPercentPerMinute: drift }: SustainedModel): string =>
    drift === null
      ? say('driftUnknown')
      : say('driftOf', {
          slope: quantities.percent(drift.slope, 2),
          interval: quantities.interval(drift.interval95, 2),
        });
  const facts = [
    say('drift', { a: driftOf(a), b: driftOf(b) }),
    temperatureC && say('heat', { from: temperatureC.from.toFixed(0), to: temperatureC.to.toFixed(0) }),
    clockMHz && say('clock', { from: clockMHz.from.toFixed(0), to: clockMHz.to.toFixed(0) }),
    throttledShare !== null && say('throttled', { share: quantities.percent(100 * throttledShare) }),
    memory &&
      say(`memory.${memory.verdict}`, {
        from: quantities.bytes(memory.fromBytes),
        to: quantities.bytes(memory.toBytes),
        change: quantities.percent(memory.changePercent),
      }),
  ];
  return (
    <Stack gap={2}>
      {facts.map(
        (fact) =>
          typeof fact === 'string' && (
            <Text key={fact} fz="sm">
              {fact}
            </Text>
          ),
      )}
    </Stack>
  );
}
