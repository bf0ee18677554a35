import { Alert, Badge, Card, Group, Stack, Table, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { TrialCard, TrialDisagreementRow } from '../../../electron/contract/trial.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Decide } from './Decide.tsx';
import { trialTexts } from './words-trial.ts';

/** A trial that is over: agreement, both latencies, what differed, and who decided or may decide. */
export function TrialReport({ trial }: { readonly trial: TrialCard }): ReactNode {
  const say = useTexts(trialTexts);
  const quantities = useQuantities();
  const { counts, ended } = trial;
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Group justify="space-between">
          <Text fw={600}>
            {say('earlier', { at: quantities.date(trial.startedAt), board: foreignText(trial.boardName) })}
          </Text>
          <Standing trial={trial} />
        </Group>
        {ended !== 'complete' && (
          <Alert color="orange" variant="light">
            {say(ended, { reason: foreignText(trial.reason) })}
          </Alert>
        )}
        <Text>
          {say('agreement', {
            percent: quantities.percent(trial.agreementPercent),
            inputs: quantities.count(counts.inputs),
            interval: quantities.interval(trial.agreementInterval95, 1),
          })}
        </Text>
        <Text fz="sm" c="dimmed">
          {say(`by.${counts.by ?? 'outputs'}`)}{' '}
          {say('latency', {
            a: quantities.latency(counts.a.p50Us),
            b: quantities.latency(counts.b.p50Us),
            a99: quantities.latency(counts.a.p99Us),
            b99: quantities.latency(counts.b.p99Us),
          })}
        </Text>
        <Disagreements
          rows={trial.disagreements}
          count={counts.inputs - counts.agreed}
          folder={trial.folder}
        />
        <Malformed rows={trial.malformed} count={counts.malformed} />
        {trial.decision === null && <Decide trial={trial} />}
      </Stack>
    </Card>
  );
}

const icons = {
  'awaiting approval': IconHelpCircle,
  approved: IconCircleCheck,
  rejected: IconCircleX,
} as const;

function Standing({ trial: { state, decision } }: { readonly trial: TrialCard }) {
  const say = useTexts(trialTexts);
  const quantities = useQuantities();
  const Icon = icons[state];
  const who = decision && { by: foreignText(decision.by), at: quantities.date(decision.at) };
  return (
    <Badge variant="default" size="lg" tt="none" leftSection={<Icon size={14} aria-hidden="true" />}>
      {state === 'awaiting approval' || who === null ? say('awaiting') : say(state, who)}
    </Badge>
  );
}

/** The inputs on which A and B say different things. */
export function Disagreements({
  rows,
  count,
  folder,
}: {
  readonly rows: readonly TrialDisagreementRow[];
  readonly count: number;
  readonly folder: string;
}): ReactNode {
  const say = useTexts(trialTexts);
  const quantities = useQuantities();
  if (rows.length === 0) return null;
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section aria-label={say('disagreements')} tabIndex={0} style={{ maxHeight: 260, overflow: 'auto' }}>
      <Table aria-label={say('disagreements')} verticalSpacing={4} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say('input')}</Table.Th>
            <Table.Th>A</Table.Th>
            <Table.Th>B</Table.Th>
            <Table.Th>{say('cosine')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ input, top1A, top1B, cosine, reason }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a file that changed is an input again
            <Table.Tr key={i}>
              <Table.Td>{foreignText(input)}</Table.Td>
              <Table.Td>{top1A ?? '–'}</Table.Td>
              <Table.Td>
                {reason === null ? (top1B ?? '–') : say('failed', { reason: foreignText(reason) })}
              </Table.Td>
              <Table.Td className="ft-number">{cosine.toFixed(4)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {folder !== '' && (
        <Text fz="xs" c="dimmed">
          {say('more', {
            shown: quantities.count(rows.length),
            count: quantities.count(count),
            folder: foreignText(folder),
          })}
        </Text>
      )}
    </section>
  );
}

/** Files that could not be used, by name and reason. */
export function Malformed({
  rows,
  count,
}: {
  readonly rows: TrialCard['malformed'];
  readonly count: number;
}): ReactNode {
  const say = useTexts(trialTexts);
  const quantities = useQuantities();
  if (rows.length === 0) return null;
  return (
    <details>
      <summary>{say('malformed', { count: quantities.count(count) })}</summary>
      <ul>
        {rows.map(({ file, reason }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a file that changed is looked at again
          <li key={i}>
            {foreignText(file)}: {foreignText(reason)}
          </li>
        ))}
      </ul>
    </details>
  );
}
