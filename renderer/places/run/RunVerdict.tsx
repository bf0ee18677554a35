import { Box, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { JobOutcome } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { BoardsTable } from '../../parts/boards/BoardsTable.tsx';
import { PutOnBoard } from '../../parts/deploy/PutOnBoard.tsx';
import { evidenceOfRun } from '../../parts/judge.ts';
import { NothingFound } from '../../parts/NothingFound.tsx';
import { AccuracyGuardrail, Verdict, VerdictFrame } from '../../parts/Verdict.tsx';
import { runTexts } from './words.ts';

type Outcome = Extract<JobOutcome, { kind: 'optimize' }>;

/** How a run ended, in sentences with their intervals, and where to go from there. */
export function RunVerdict({
  outcome,
  maxAccuracyDrop,
  address,
}: {
  readonly outcome: Outcome;
  readonly maxAccuracyDrop: number;
  /** Of the board that the run was measured on. */
  readonly address: string;
}): ReactNode {
  const say = useTexts(runTexts);
  // The boards of a run with several lie in the history, with its result.
  const boards = useCall('runs.get', { run: outcome.run }).data?.result?.boards;
  return (
    <>
      <Group role="status" gap="sm" align="stretch" wrap="nowrap">
        {outcome.improved ? (
          <Improved outcome={outcome} maxAccuracyDrop={maxAccuracyDrop} />
        ) : (
          <Box flex={1}>
            <VerdictFrame sign="same" sentence={say('verdict.none')}>
              <NothingFound explanation={outcome.explanation} reason={outcome.reason} />
            </VerdictFrame>
          </Box>
        )}
        <Stack gap="xs" justify="center" style={{ flex: 'none' }}>
          <Button component={Link} href={linkTo('compare', outcome.run)}>
            {say('compare')}
          </Button>
          <Button component={Link} href={linkTo('report', outcome.run)} variant="default">
            {say('report')}
          </Button>
          {outcome.improved && <PutOnBoard run={outcome.run} address={address} />}
        </Stack>
      </Group>
      <BoardsTable boards={boards} />
    </>
  );
}

function Improved({
  outcome,
  maxAccuracyDrop,
}: {
  readonly outcome: Outcome;
  readonly maxAccuracyDrop: number;
}) {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const { run, speedup, speedupInterval95, accuracyChange, accuracyChangeInterval95 } = outcome;
  // Noise and conditions lie in the history; with them the sentence is the one that Compare says.
  const details = useCall('runs.get', { run }).data?.details;
  return (
    <>
      <Box flex={1}>
        <Verdict evidence={evidenceOfRun(outcome, details)}>
          <Text fz="sm">
            {say('speedup', {
              ratio: quantities.ratio(speedup),
              interval: quantities.interval(speedupInterval95),
            })}
          </Text>
        </Verdict>
      </Box>
      <Box flex={1}>
        <AccuracyGuardrail changeInterval95={accuracyChangeInterval95} limit={maxAccuracyDrop}>
          <Text fz="sm">
            {say('change', {
              change: quantities.points(accuracyChange),
              interval: quantities.interval(accuracyChangeInterval95),
            })}
          </Text>
        </AccuracyGuardrail>
      </Box>
    </>
  );
}
