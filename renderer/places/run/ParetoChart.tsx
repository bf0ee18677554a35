import { Card, Text } from '@mantine/core';
import { memo, type ReactNode, useMemo } from 'react';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Chart } from '../../parts/Chart.tsx';
import { boundsOf, type Plot, type PlotPoint, paretoFront } from './pareto.ts';
import { type ParetoNames, paretoOption } from './pareto-option.ts';
import { type Sign, SignIcon } from './signs.tsx';
import { runTexts } from './words.ts';

const states = ['screened', 'tuned', 'confirmed', 'refused'] as const;

/** A and the candidates between latency and accuracy; drawn anew only when `plot` is another one. */
export const ParetoChart = memo(function ParetoChart({ plot }: { readonly plot: Plot | null }): ReactNode {
  const say = useTexts(runTexts);
  return (
    <Card withBorder p="sm" h="100%">
      {plot === null ? (
        <>
          <Text fw={650} fz="sm">
            {say('pareto')}
          </Text>
          <Text c="dimmed" fz="sm" mt="xs">
            {say('paretoEmpty')}
          </Text>
        </>
      ) : (
        <Drawn plot={plot} />
      )}
    </Card>
  );
});

function Drawn({ plot }: { readonly plot: Plot }) {
  const say = useTexts(runTexts);
  const names = useParetoNames(plot);
  const { below } = useMemo(() => boundsOf(plot), [plot]);
  const front = useMemo(() => paretoFront(plot).length, [plot]);
  return (
    <>
      <Chart
        title={say('pareto')}
        description={say('paretoDescription', { count: plot.points.length, front })}
        height={300}
        option={(tokens) => paretoOption(plot, names, tokens)}
        table={{
          columns: (
            [
              'state',
              'latency',
              'latencyLow',
              'latencyHigh',
              'speedup',
              'accuracy',
              'accuracyLow',
              'accuracyHigh',
              'replacements',
            ] as const
          ).map((column) => say(`column.${column}`)),
          rows: [
            [
              names.signs.original,
              plot.original.latencyMs,
              null,
              null,
              1,
              plot.original.change,
              null,
              null,
              0,
            ],
            ...plot.points.map((p) => [
              names.signs[p.state],
              p.latencyMs,
              p.latencyIntervalMs?.[0] ?? null,
              p.latencyIntervalMs?.[1] ?? null,
              p.speedup,
              p.change,
              p.changeInterval?.[0] ?? null,
              p.changeInterval?.[1] ?? null,
              p.replacements,
            ]),
          ],
        }}
      />
      <ul className="ft-signs">
        {(['original', ...states] as const).map((sign) => (
          <li key={sign}>
            <SignIcon sign={sign} />
            {names.signs[sign]}
          </li>
        ))}
        <li>
          <svg width={16} height={12} viewBox="0 0 16 12" aria-hidden="true">
            <path d="M0,10H7V3H16" fill="none" stroke="var(--ft-b)" strokeWidth={1.5} />
          </svg>
          {names.front}
        </li>
      </ul>
      <Text fz="xs" c="dimmed" mt={6}>
        {below > 0 && `${say('paretoBelow', { count: below })} `}
        {say('paretoNote')}
      </Text>
    </>
  );
}

function useParetoNames({ original, maxAccuracyDrop }: Plot): ParetoNames {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  return useMemo(() => {
    const signs: { readonly [S in Sign]: string } = {
      original: say('original'),
      screened: say('point.screened'),
      tuned: say('point.tuned'),
      confirmed: say('point.confirmed'),
      refused: say('point.refused'),
    };
    const line = (latencyMs: number, change: number | null): string =>
      [quantities.latency(latencyMs * 1e3), ...(change === null ? [] : [quantities.points(change)])].join(
        ' · ',
      );
    const tip = (point: PlotPoint | null): string =>
      point === null
        ? `${signs.original}\n${line(original.latencyMs, original.change)}`
        : `${signs[point.state]} · ${quantities.ratio(point.speedup)}\n${line(point.latencyMs, point.change)}`;
    return {
      axisX: say('paretoAxisX'),
      axisY: say('paretoAxisY'),
      axisYLater: say('paretoAxisYLater'),
      front: say('front'),
      forbidden: say('forbidden', { limit: maxAccuracyDrop.toFixed(1) }),
      notMeasured: say('notMeasured'),
      signs,
      tip,
    };
  }, [say, quantities, original.latencyMs, original.change, maxAccuracyDrop]);
}
