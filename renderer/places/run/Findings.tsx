import { Card, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import type { Funnel, TriedProgram } from '../../../electron/contract/search-progress.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { bestOf, type Plot } from './pareto.ts';
import { SignIcon } from './signs.tsx';
import { runTexts } from './words.ts';

/** The best candidate by now: before and after, with the intervals once it is confirmed. */
export const BestSoFar = memo(function BestSoFar({ plot }: { readonly plot: Plot | null }): ReactNode {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const best = plot && bestOf(plot);
  const [before, after] = plot && best ? inOneUnit(plot.original.latencyMs, best.point.latencyMs) : ['', ''];
  return (
    <Card withBorder p="sm" style={{ flex: '1 1 auto' }}>
      <Title order={2} fz="sm" mb={4}>
        {say(best?.point.change === null ? 'fastest' : 'best')}
      </Title>
      {!plot || !best ? (
        <Text c="dimmed" fz="sm">
          {say('bestNone')}
        </Text>
      ) : (
        <>
          <Text fz={26} fw={700} lh={1.2}>
            {before}{' '}
            <Text span inherit c="dimmed" aria-hidden="true">
              →
            </Text>{' '}
            {after}
          </Text>
          <Table mt="xs" verticalSpacing={3} horizontalSpacing={4} withRowBorders={false}>
            <Table.Tbody>
              <Row name={say('ratio')} value={quantities.ratio(best.point.speedup)}>
                {best.point.latencyIntervalMs &&
                  quantities.interval([
                    plot.original.latencyMs / best.point.latencyIntervalMs[1],
                    plot.original.latencyMs / best.point.latencyIntervalMs[0],
                  ])}
              </Row>
              <Row
                name={say('accuracy')}
                value={best.point.change === null ? say('notMeasured') : quantities.points(best.point.change)}
              >
                {best.point.changeInterval && quantities.interval(best.point.changeInterval)}
              </Row>
              <Row name={say('replaced')} value={quantities.count(best.point.replacements)} />
            </Table.Tbody>
          </Table>
          <Text fz="xs" c="dimmed" mt={4}>
            <SignIcon sign={best.tier} /> {say(`tier.${best.tier}`)}
          </Text>
        </>
      )}
    </Card>
  );
});

/** Two latencies with three figures, both in the unit of the first. */
function inOneUnit(firstMs: number, secondMs: number): readonly [string, string] {
  const [unit, scale] = firstMs < 1 ? ['µs', 1e3] : firstMs < 1e3 ? ['ms', 1] : ['s', 1e-3];
  const text = (ms: number): string =>
    `${ms * scale < 1000 ? (ms * scale).toPrecision(3) : Math.round(ms * scale)} ${unit}`;
  return [text(firstMs), text(secondMs)];
}

function Row({
  name,
  value,
  children,
}: {
  readonly name: string;
  readonly value: string;
  readonly children?: ReactNode;
}) {
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} c="dimmed" fz="sm">
        {name}
      </Table.Th>
      <Table.Td className="ft-number" fw={650}>
        {value}
      </Table.Td>
      <Table.Td className="ft-number" c="dimmed" fz="xs">
        {children}
      </Table.Td>
    </Table.Tr>
  );
}

const steps = ['proposed', 'checked', 'timed', 'fitted', 'spliced', 'tuned'] as const;

/** How many candidates came how far, from the cheap steps to the costly ones. */
export const FunnelCounts = memo(function FunnelCounts({ funnel }: { readonly funnel: Funnel }): ReactNode {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  return (
    <Card withBorder p="sm">
      <Title order={2} fz="sm" mb={4}>
        {say('funnel')}
      </Title>
      <ol className="ft-funnel">
        {steps.map((step) => (
          <li key={step} {...(funnel[step] > 0 && { 'data-reached': true })}>
            <Text fw={700} fz="md" style={{ fontVariantNumeric: 'tabular-nums' }}>
              {quantities.count(funnel[step])}
            </Text>
            <Text fz={11} c="dimmed" lh={1.25}>
              {say(`funnel.${step}`)}
            </Text>
          </li>
        ))}
      </ol>
      <Text fz="xs" c="dimmed" mt={6} mih={18}>
        {funnel.duplicates > 0 && say('duplicates', { count: funnel.duplicates })}
      </Text>
    </Card>
  );
});

/** The program that is tried now beside the one that it would replace. */
export const TriedNow = memo(function TriedNow({
  program,
}: {
  readonly program: TriedProgram | null;
}): ReactNode {
  const say = useTexts(runTexts);
  return (
    // It changes several times a second: nothing to be read out.
    <Card withBorder p="sm" mih={170} component="section" aria-label={say('tried')} aria-live="off">
      <Title order={2} fz="sm" mb={4}>
        {say('tried')}
        {program && (
          <Text span fz="sm" c="dimmed" fw={400} lang="en">
            {' '}
            {program.operators.join(', ')} · {program.origin}
          </Text>
        )}
      </Title>
      <SimpleGrid cols={2} spacing="md">
        <Program title={say('triedFrom')} text={program?.from ?? null} />
        <Program title={say('triedTo')} text={program?.to ?? null} />
      </SimpleGrid>
      {!program && (
        <Text fz="sm" c="dimmed">
          {say('triedNothing')}
        </Text>
      )}
    </Card>
  );
});

function Program({ title, text }: { readonly title: string; readonly text: string | null }) {
  if (text === null) return null;
  return (
    <Stack gap={2}>
      <Text fz="xs" c="dimmed">
        {title}
      </Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section className="ft-scroll ft-tried-program" aria-label={title} tabIndex={0}>
        <pre className="ft-program">{text}</pre>
      </section>
    </Stack>
  );
}
