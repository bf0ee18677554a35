import { Button, Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Chart } from '../../parts/Chart.tsx';
import { axisEndMs, distributionOption, type LatencyLine, quantileOf, runOrderOption } from './latencies.ts';
import { compareTexts } from './words.ts';

const shares = [1, 5, 10, 25, 50, 75, 90, 95, 99];

/** How the single calls of two models are distributed. */
export function Distribution({ lines }: { readonly lines: readonly LatencyLine[] }): ReactNode {
  const say = useTexts(compareTexts);
  const rows = useMemo(() => {
    const sorted = lines.map(({ callsUs }) => [...callsUs].sort((a, b) => a - b));
    return shares.map((share) => [
      `p${share}`,
      ...sorted.map((values) => (values.length === 0 ? null : quantileOf(values, share / 100) / 1e3)),
    ]);
  }, [lines]);
  const beyond = useMemo(() => {
    const endUs = 1e3 * Number(axisEndMs(lines).toPrecision(3));
    return lines.reduce((sum, { callsUs }) => sum + callsUs.filter((us) => us > endUs).length, 0);
  }, [lines]);
  if (lines.every(({ callsUs }) => callsUs.length === 0))
    return (
      <Text c="dimmed" fz="sm">
        {say('noCalls')}
      </Text>
    );
  return (
    <>
      <Chart
        title={say('distribution')}
        description={say('distributionDescription')}
        height={300}
        option={(tokens) =>
          distributionOption(lines, { latency: say('latencyAxis'), share: say('shareAxis') }, tokens)
        }
        table={{ columns: [say('percentile'), ...lines.map(({ name }) => `${name} (ms)`)], rows }}
      />
      <Text fz="xs" c="dimmed">
        {say('callsNote', {
          counts: lines.map(({ name, callsUs }) => `${name}: ${callsUs.length}`).join(' · '),
        })}
        {beyond > 0 && ` ${say('beyond', { count: beyond })}`}
      </Text>
    </>
  );
}

/** The ratio block by block, shown when it is asked for. */
export function RunOrder({
  ratios,
  speedup,
}: {
  readonly ratios: readonly number[];
  readonly speedup: number;
}): ReactNode {
  const say = useTexts(compareTexts);
  const quantities = useQuantities();
  const [shown, setShown] = useState(false);
  if (ratios.length === 0) return null;
  return (
    <Stack gap="xs" align="stretch">
      <Button
        size="compact-xs"
        variant="subtle"
        aria-expanded={shown}
        onClick={() => setShown(!shown)}
        style={{ alignSelf: 'flex-start' }}
      >
        {shown ? say('hideRunOrder') : say('showRunOrder')}
      </Button>
      {shown && (
        <Chart
          title={say('runOrder')}
          description={say('runOrderDescription')}
          height={220}
          option={(tokens) =>
            runOrderOption(
              ratios,
              speedup,
              {
                block: say('blockAxis'),
                ratio: say('ratioAxis'),
                middle: say('middle', { ratio: quantities.ratio(speedup) }),
              },
              tokens,
            )
          }
          table={{
            columns: [say('blockAxis'), say('ratioAxis')],
            rows: ratios.map((ratio, i) => [i + 1, ratio]),
          }}
        />
      )}
    </Stack>
  );
}
