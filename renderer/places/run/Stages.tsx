import { Group, Progress, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import type { JobState, StageState } from '../../../electron/contract/views.ts';
import { isActive, useNow } from '../../client/jobs.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { useRunWords } from '../../language/run-notes.ts';
import { timeLeft } from './time-left.ts';
import { runTexts } from './words.ts';

/** The stages of a run from left to right, what the one at work does, and how long all of it takes. */
export function Stages({ job }: { readonly job: JobState }): ReactNode {
  const say = useTexts(runTexts);
  const words = useRunWords();
  const quantities = useQuantities();
  const current = job.stages.find(({ state }) => state === 'running') ?? null;
  const active = isActive(job);
  const stageText = ({ name, done, total }: StageState): string => {
    const stage = words.stage(name);
    if (done === null) return say('nowAt', { stage });
    const percent = quantities.percent(100 * done, 0);
    // Fine-tuning counts the hundredths of its rungs, which say no more than the percentage.
    return typeof total === 'number' && name !== 'tune'
      ? say('percentOfTotal', { stage, percent, total: quantities.count(total) })
      : say('percentOfStage', { stage, percent });
  };
  return (
    <section aria-label={say('stages')}>
      <ol className="ft-stages">
        {job.stages.map((stage, i) => (
          <Stage key={stage.name} stage={stage} number={i + 1} />
        ))}
      </ol>
      <Group justify="space-between" mt="xs" gap="xs" mih={24} wrap="nowrap">
        <Group gap="xs" wrap="nowrap" style={{ minWidth: 0, flex: '1 1 auto' }}>
          {active && current && (
            <>
              <Text fz="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
                {stageText(current)}
              </Text>
              {current.done !== null && (
                <Progress
                  value={100 * current.done}
                  size="sm"
                  w={140}
                  style={{ flex: 'none' }}
                  aria-label={words.stage(current.name)}
                />
              )}
              {current.note && (
                <Text fz="sm" c="dimmed" truncate title={words.note(current.note)}>
                  {words.note(current.note)}
                </Text>
              )}
            </>
          )}
        </Group>
        {active ? <Clock job={job} /> : <Took job={job} />}
      </Group>
      <span className="ft-visually-hidden" role="status">
        {active && current ? say('nowAt', { stage: words.stage(current.name) }) : say(`state.${job.state}`)}
      </span>
    </section>
  );
}

function Stage({ stage, number }: { readonly stage: StageState; readonly number: number }) {
  const say = useTexts(runTexts);
  const words = useRunWords();
  const quantities = useQuantities();
  const { name, state, seconds, summary } = stage;
  return (
    <li
      className="ft-stage"
      data-state={state}
      title={summary ? words.summary(summary) : undefined}
      {...(state === 'running' && { 'aria-current': 'step' })}
    >
      <span className="ft-stage-sign" aria-hidden="true">
        {state === 'done' ? <IconCheck size={14} stroke={3} /> : number}
      </span>
      <Text fz="xs" className="ft-stage-name" c="inherit">
        {words.stage(name)}
        <span className="ft-visually-hidden">, {say(`stageState.${state}`)}</span>
      </Text>
      <Text fz="xs" c="inherit" mih={17}>
        {state === 'done' && seconds > 0 ? quantities.duration(seconds) : ''}
      </Text>
    </li>
  );
}

/** Elapsed and remaining time, by itself, so that nothing else is drawn anew every second. */
function Clock({ job }: { readonly job: JobState }) {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const now = useNow(1000);
  const toldAt = useToldAt(job);
  const { elapsedSeconds, leastSeconds, mostSeconds } = timeLeft(job, Math.max(0, (now - toldAt) / 1000));
  const left =
    mostSeconds === null
      ? say('overBudget')
      : leastSeconds === null
        ? say('leftUpTo', { most: quantities.duration(mostSeconds) })
        : say('leftRange', {
            least: quantities.duration(leastSeconds),
            most: quantities.duration(mostSeconds),
          });
  return (
    <Text fz="sm" className="ft-number" style={{ flex: 'none' }}>
      {say('elapsed', { elapsed: quantities.duration(elapsedSeconds) })} · {left}
    </Text>
  );
}

/** When this state of the job came. */
function useToldAt(job: JobState): number {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new state is a new moment
  return useMemo(() => Date.now(), [job]);
}

function Took({ job }: { readonly job: JobState }) {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const { elapsedSeconds } = timeLeft(job, 0);
  return (
    <Text fz="sm" c="dimmed" className="ft-number" style={{ flex: 'none' }}>
      {say('took', { elapsed: quantities.duration(elapsedSeconds) })}
    </Text>
  );
}
