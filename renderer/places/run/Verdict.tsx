import { Button, Card, Group, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleMinus, IconHelpCircle, IconTrendingDown } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { JobOutcome } from '../../../electron/contract/views.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { runTexts } from './words.ts';

type Outcome = Extract<JobOutcome, { kind: 'optimize' }>;

/** The kinds of ends, each with a word, a sign and a colour of its own. */
const looks = {
  none: { Icon: IconCircleMinus, token: 'quiet' },
  faster: { Icon: IconCircleCheck, token: 'good' },
  slower: { Icon: IconTrendingDown, token: 'bad' },
  inconclusive: { Icon: IconHelpCircle, token: 'open' },
} as const;

/** How a run ended, in a sentence with its intervals, and where to go from there. */
export function Verdict({
  outcome,
  maxAccuracyDrop,
}: {
  readonly outcome: Outcome;
  readonly maxAccuracyDrop: number;
}): ReactNode {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const {
    improved,
    explanation,
    speedup,
    speedupInterval95,
    accuracyChange,
    accuracyChangeInterval95,
    verdict,
  } = outcome;
  const kind = improved ? verdict : 'none';
  const { Icon, token } = looks[kind];
  const lessTime = (ratio: number): number => 100 * (1 - 1 / ratio);
  const digits = speedupInterval95[1] - speedupInterval95[0] < 0.05 ? 1 : 0;
  const number = (value: number): string => quantities.percent(value, digits);
  const limit = maxAccuracyDrop.toFixed(1);
  const mostLoss = -accuracyChangeInterval95[0];
  const title = {
    none: () => say('verdict.none'),
    faster: () =>
      say('verdict.faster', {
        less: number(lessTime(speedup)),
        low: lessTime(speedupInterval95[0]).toFixed(digits),
        high: number(lessTime(speedupInterval95[1])),
      }),
    slower: () => say('verdict.slower', { more: number(-lessTime(speedup)) }),
    inconclusive: () =>
      say('verdict.inconclusive', {
        ratio: quantities.ratio(speedup),
        interval: quantities.interval(speedupInterval95),
      }),
  }[kind]();
  return (
    <Card withBorder role="status" style={{ borderLeft: `6px solid var(--ft-${token})` }}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Icon size={28} color={`var(--ft-${token})`} aria-hidden="true" style={{ flex: 'none' }} />
          <div>
            <Text fw={700} fz="lg" lh={1.3}>
              {title}
            </Text>
            {improved && (
              <Text fz="sm">
                {say('speedup', {
                  ratio: quantities.ratio(speedup),
                  interval: quantities.interval(speedupInterval95),
                })}
                {' · '}
                {say('change', {
                  change: quantities.points(accuracyChange),
                  interval: quantities.interval(accuracyChangeInterval95),
                })}
              </Text>
            )}
            {improved && (
              <Text fz="sm" c="dimmed">
                {mostLoss <= maxAccuracyDrop
                  ? say('lossExcluded', { limit })
                  : say('lossOpen', { limit, most: mostLoss.toFixed(1) })}
              </Text>
            )}
            {explanation !== '' && (
              <Text fz="sm" lang="en">
                {explanation}
              </Text>
            )}
          </div>
        </Group>
        <Group gap="xs" wrap="nowrap">
          <Button component={Link} href={linkTo('compare', outcome.run)}>
            {say('compare')}
          </Button>
          <Button component={Link} href={linkTo('report', outcome.run)} variant="default">
            {say('report')}
          </Button>
        </Group>
      </Group>
    </Card>
  );
}
