import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { EnergyComparison } from '../../../electron/contract/energy.ts';
import { type Say, useTexts } from '../../language/language.ts';
import { type Quantities, useQuantities } from '../../language/quantities.ts';
import { type Interval, judge, timeChangeInterval, timeChangeOf } from '../../parts/judge.ts';
import { marginText } from '../../parts/Verdict.tsx';
import { type Comparison, nameOfMetric } from './comparison.ts';
import { Strip } from './Strip.tsx';
import { compareTexts } from './words.ts';

interface Row {
  readonly key: string;
  readonly label: string;
  readonly a: string;
  readonly b: string;
  readonly difference: string;
  readonly interval: string;
  readonly strip: ReactNode;
}

/** Every measure of A and B with the difference, its interval, and the interval as a strip. */
export function MetricsTable({ comparison }: { readonly comparison: Comparison }): ReactNode {
  const say = useTexts(compareTexts);
  const rows = useRows(comparison);
  return (
    <>
      <Table.ScrollContainer minWidth={0}>
        <Table aria-label={say('metrics')} verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say('metric')}</Table.Th>
              <Table.Th className="ft-number">A</Table.Th>
              <Table.Th className="ft-number">B</Table.Th>
              <Table.Th className="ft-number">{say('difference')}</Table.Th>
              <Table.Th className="ft-number">{say('interval95')}</Table.Th>
              <Table.Th>{say('intervalStrip')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.key}>
                <Table.Th scope="row" fw={500}>
                  {row.label}
                </Table.Th>
                <Table.Td className="ft-number">{row.a}</Table.Td>
                <Table.Td className="ft-number">{row.b}</Table.Td>
                <Table.Td className="ft-number">{row.difference}</Table.Td>
                <Table.Td className="ft-number">{row.interval}</Table.Td>
                <Table.Td py={2}>{row.strip}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text fz="xs" c="dimmed" mt={6}>
        {say('metricsNote')}
      </Text>
    </>
  );
}

const none = '—';

function useRows({ a, b, speed, accuracy, energy }: Comparison): readonly Row[] {
  const say = useTexts(compareTexts);
  const quantities = useQuantities();
  const signed = (share: number): string =>
    `${share > 0 ? '+' : ''}${quantities.percent(100 * share, Math.abs(share) < 0.1 ? 2 : 1)}`;
  const plain = (
    key: string,
    label: string,
    of: (side: Comparison['a']) => number | null,
    form: (value: number) => string,
  ): Row => {
    const [ofA, ofB] = [of(a), of(b)];
    const known = ofA !== null && ofB !== null && ofA !== 0;
    return {
      key,
      label,
      a: ofA === null ? none : form(ofA),
      b: ofB === null ? none : form(ofB),
      difference: known ? signed(ofB / ofA - 1) : none,
      interval: none,
      strip: null,
    };
  };
  const { margin } = judge(speed);
  const change = timeChangeInterval(speed.speedupInterval95);
  const percents: Interval = [100 * change[0], 100 * change[1]];
  const rows: Row[] = [
    {
      ...plain('p50', say('median'), (side) => side.latencyUs.p50, quantities.latency),
      difference: signed(timeChangeOf(speed.speedup)),
      interval: `${quantities.interval(percents, 1)} %`,
      strip: (
        <Strip
          estimate={100 * timeChangeOf(speed.speedup)}
          interval={percents}
          band={[-100 * margin, 100 * margin]}
          label={say('latencyStrip', {
            interval: `${quantities.interval(percents, 1)} %`,
            margin: marginText(margin),
          })}
        />
      ),
    },
    plain('p90', say('p90'), (side) => side.latencyUs.p90, quantities.latency),
    plain('p99', say('p99'), (side) => side.latencyUs.p99, quantities.latency),
  ];
  if (accuracy) {
    const interval = `${quantities.interval(accuracy.changeInterval95)} ${say('points')}`;
    rows.push({
      key: 'accuracy',
      label: say(nameOfMetric(accuracy.metric)),
      a: a.accuracy === null ? none : quantities.percent(a.accuracy, 2),
      b: b.accuracy === null ? none : quantities.percent(b.accuracy, 2),
      difference: quantities.points(accuracy.change),
      interval,
      strip: (
        <Strip
          estimate={accuracy.change}
          interval={accuracy.changeInterval95}
          band={[-accuracy.limit, 0]}
          label={say('accuracyStrip', { interval, limit: quantities.points(-accuracy.limit) })}
        />
      ),
    });
    if (accuracy.tunedOriginal !== null)
      rows.push({
        key: 'tuned',
        label: say('tunedOriginal'),
        a: quantities.percent(accuracy.tunedOriginal, 2),
        b: b.accuracy === null ? none : quantities.percent(b.accuracy, 2),
        difference: b.accuracy === null ? none : quantities.points(b.accuracy - accuracy.tunedOriginal),
        interval: none,
        strip: null,
      });
  }
  return [
    ...rows,
    ...(a.peakMemoryBytes === null && b.peakMemoryBytes === null
      ? []
      : [plain('memory', say('peakMemory'), (side) => side.peakMemoryBytes, quantities.bytes)]),
    ...(energy === undefined ? [] : energyRows(energy, say, quantities, signed)),
    plain('size', say('size'), (side) => side.sizeBytes, quantities.bytes),
    plain('parameters', say('parameters'), (side) => side.parameters, quantities.count),
  ];
}

/** Energy per inference, in total and above what the idle board takes; or that it was not measured. */
export function energyRows(
  energy: EnergyComparison | null,
  say: Say<keyof (typeof compareTexts)['en']>,
  { energy: shown, interval }: Quantities,
  signed: (share: number) => string,
): readonly Row[] {
  if (energy === null) {
    const text = say('notMeasured');
    const row = { a: text, b: text, difference: none, interval: none, strip: null };
    return [{ key: 'energy', label: say('energy'), ...row }];
  }
  const { a, b, ratioInterval95 } = energy;
  const percents: Interval = [100 / ratioInterval95[1] - 100, 100 / ratioInterval95[0] - 100];
  return [
    {
      key: 'energy',
      label: say('energy'),
      a: shown(a.total.millijoules),
      b: shown(b.total.millijoules),
      difference: signed(1 / energy.ratio - 1),
      interval: `${interval(percents, 1)} %`,
      strip: null,
    },
    {
      key: 'energyAboveIdle',
      label: say('energyAboveIdle'),
      a: shown(a.aboveIdle.millijoules),
      b: shown(b.aboveIdle.millijoules),
      difference:
        a.aboveIdle.millijoules > 0 ? signed(b.aboveIdle.millijoules / a.aboveIdle.millijoules - 1) : none,
      interval: none,
      strip: null,
    },
  ];
}
