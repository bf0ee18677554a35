import { Group, Paper, Text } from '@mantine/core';
import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconEqual,
  IconHelpCircle,
  IconShieldCheck,
  IconShieldQuestion,
  IconShieldX,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../language/language.ts';
import {
  digitsFor,
  type Guardrail,
  guardrailOf,
  type Interval,
  judge,
  neededPairs,
  type SpeedEvidence,
  timeChangeInterval,
  timeChangeOf,
  type VerdictKind,
} from './judge.ts';
import { verdictTexts } from './verdict-words.ts';

const signs = {
  faster: { Icon: IconCircleCheck, colour: 'var(--ft-good)' },
  slower: { Icon: IconCircleX, colour: 'var(--ft-bad)' },
  same: { Icon: IconEqual, colour: 'var(--ft-quiet)' },
  inconclusive: { Icon: IconHelpCircle, colour: 'var(--ft-open)' },
  notComparable: { Icon: IconBan, colour: 'var(--ft-bad)' },
  excluded: { Icon: IconShieldCheck, colour: 'var(--ft-good)' },
  notExcluded: { Icon: IconShieldQuestion, colour: 'var(--ft-open)' },
  exceeded: { Icon: IconShieldX, colour: 'var(--ft-bad)' },
} as const satisfies { readonly [K in VerdictKind | Guardrail['kind']]: unknown };

/** The frame of a verdict: sign and sentence, and below it what it rests on. */
export function VerdictFrame({
  sign,
  sentence,
  heading,
  children,
}: {
  readonly sign: keyof typeof signs;
  readonly sentence: string;
  /** What the verdict is on, where that is not said by the sentence. */
  readonly heading?: string;
  readonly children?: ReactNode;
}): ReactNode {
  const { Icon, colour } = signs[sign];
  return (
    <Paper
      withBorder
      px="md"
      py="sm"
      h="100%"
      style={{ borderInlineStart: `6px solid ${colour}` }}
      data-verdict={sign}
    >
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Icon size={26} color={colour} aria-hidden="true" style={{ flex: 'none', marginTop: 1 }} />
        <div>
          {heading && (
            <Text fz="xs" c="dimmed">
              {heading}
            </Text>
          )}
          <Text fw={650} fz="lg" lh={1.35} style={{ textWrap: 'balance' }}>
            {sentence}
          </Text>
          {children}
        </div>
      </Group>
    </Paper>
  );
}

/** The verdict on the speed of B against A as a sentence with its interval. */
export function Verdict({
  evidence,
  throttled,
  children,
}: {
  readonly evidence: SpeedEvidence;
  /** What was throttled, where that is not the board for both. */
  readonly throttled?: string;
  readonly children?: ReactNode;
}): ReactNode {
  const say = useTexts(verdictTexts);
  const sentence = useVerdictSentence();
  const { kind, margin } = judge(evidence);
  return (
    <VerdictFrame sign={kind} sentence={sentence(evidence, throttled)} heading={say('latency')}>
      <Text fz="xs" c="dimmed" mb={2}>
        {say('interval', { margin: marginText(margin) })}
        {Number.isFinite(evidence.pairs) && ` ${say('pairs', { pairs: evidence.pairs })}`}
      </Text>
      {children}
    </VerdictFrame>
  );
}

/** Says the verdict on a comparison in the language of the window. */
function useVerdictSentence(): (evidence: SpeedEvidence, throttled?: string) => string {
  const say = useTexts(verdictTexts);
  return (evidence, throttled) => {
    const { kind, margin } = judge(evidence);
    const change = timeChangeInterval(evidence.speedupInterval95);
    switch (kind) {
      case 'faster': {
        const less: Interval = [-100 * change[1], -100 * change[0]];
        const percent = percentOf(-100 * timeChangeOf(evidence.speedup), digitsFor(less));
        return say('faster', { percent, interval: intervalText(less) });
      }
      case 'slower': {
        const more: Interval = [100 * change[0], 100 * change[1]];
        const percent = percentOf(100 * timeChangeOf(evidence.speedup), digitsFor(more));
        return say('slower', { percent, interval: intervalText(more) });
      }
      case 'same':
        return say('same', { margin: marginText(margin) });
      case 'inconclusive': {
        if (evidence.pairs < neededPairs) return say('tooFew', { pairs: evidence.pairs });
        const percents: Interval = [100 * change[0], 100 * change[1]];
        // An end of less than 1 % would read 0 %.
        const digits = Math.max(digitsFor(percents), percents.some((end) => Math.abs(end) < 1) ? 1 : 0);
        const end = (value: number): string =>
          say(value < 0 ? 'endFaster' : 'endSlower', { percent: percentOf(Math.abs(value), digits) });
        return say('inconclusive', { low: end(percents[0]), high: end(percents[1]) });
      }
      case 'notComparable':
        return say('notComparable', { what: throttled ?? say('board') });
    }
  };
}

const percentOf = (value: number, digits: number): string => `${value.toFixed(digits)}\u00a0%`;

/** Two percents, the smaller first: `39–43 %`. */
export function intervalText(percents: Interval): string {
  const digits = digitsFor(percents);
  return `${percents[0].toFixed(digits)}–${percents[1].toFixed(digits)}\u00a0%`;
}

/** A margin as a share of A's time in percent: `2 %`. */
export const marginText = (margin: number): string =>
  `${(100 * margin).toFixed(Number.isInteger(Math.round(1e6 * margin) / 1e4) ? 0 : 1)}\u00a0%`;

/** The verdict as sign and word, for a cell of a table. */
export function VerdictMark({ kind }: { readonly kind: VerdictKind }): ReactNode {
  const say = useTexts(verdictTexts);
  const { Icon, colour } = signs[kind];
  return (
    <Group component="span" gap={6} wrap="nowrap" display="inline-flex">
      <Icon size={16} color={colour} aria-hidden="true" style={{ flex: 'none' }} />
      <span>{say(`word.${kind}`)}</span>
    </Group>
  );
}

/** Whether a loss of accuracy beyond the limit is ruled out, as a sentence; apart from the verdict on speed. */
export function AccuracyGuardrail({
  changeInterval95,
  limit,
  children,
}: {
  /** B minus A, percentage points. */
  readonly changeInterval95: Interval;
  /** Largest loss that is accepted, percentage points. */
  readonly limit: number;
  readonly children?: ReactNode;
}): ReactNode {
  const say = useTexts(verdictTexts);
  const { kind, largest, smallest } = guardrailOf(changeInterval95, limit);
  const points = limit.toFixed(Number(limit.toFixed(1)) === limit ? 1 : 2);
  const sentence = say(kind, {
    limit: say(points === '1.0' ? 'limitOne' : 'limit', { points }),
    largest: pastLimit(largest, limit),
    smallest: pastLimit(smallest, limit),
  });
  return (
    <VerdictFrame sign={kind} sentence={sentence} heading={say('accuracy')}>
      {children}
    </VerdictFrame>
  );
}

/** One digit, or two where one would hide that a loss is beyond the limit. */
const pastLimit = (loss: number, limit: number): string =>
  loss > limit && Number(loss.toFixed(1)) <= limit ? loss.toFixed(2) : loss.toFixed(1);
