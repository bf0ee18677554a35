import { Grid, Stack } from '@mantine/core';
import { useThrottledValue } from '@mantine/hooks';
import { type ReactNode, useMemo } from 'react';
import type { JobState } from '../../../electron/contract/views.ts';
import { isActive } from '../../client/jobs.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { BestSoFar, FunnelCounts, TriedNow } from './Findings.tsx';
import { JobHeader } from './JobHeader.tsx';
import { JobLog } from './JobLog.tsx';
import { ParetoChart } from './ParetoChart.tsx';
import { plotOf } from './pareto.ts';
import { Ranking } from './Ranking.tsx';
import { RunVerdict } from './RunVerdict.tsx';
import { useSame } from './use-same.ts';

/** A chart of hundreds of points costs more than a line of text: it follows once a second. */
const chartEveryMs = 1000;

/** An optimization as it goes on, and as it ended. */
export function JobView({ job }: { readonly job: JobState }): ReactNode {
  const { originalUs, originalAccuracy, outcome } = job;
  const request = useSame(job.request);
  const points = useSame(job.points);
  const ranking = useSame(job.ranking);
  const funnel = useSame(job.funnel);
  const current = useSame(job.current);
  const log = useSame(job.log);
  const changeInterval95 = useSame(outcome?.kind === 'optimize' ? outcome.accuracyChangeInterval95 : null);
  const plot = useMemo(
    () => plotOf({ originalUs, originalAccuracy, points, request, changeInterval95 }),
    [points, originalUs, originalAccuracy, request, changeInterval95],
  );
  const drawnPlot = useThrottledValue(plot, chartEveryMs);
  return (
    <Stack gap="sm">
      {outcome?.kind === 'optimize' && request.kind === 'optimize' && (
        <RunVerdict
          outcome={outcome}
          maxAccuracyDrop={request.maxAccuracyDrop}
          address={request.board.address}
        />
      )}
      {job.error && <ErrorPanel error={job.error} />}
      <JobHeader job={job} />
      <Grid gap="sm">
        <Grid.Col span={7.2}>
          <ParetoChart plot={drawnPlot} />
        </Grid.Col>
        <Grid.Col span={4.8}>
          <Stack gap="sm" h="100%">
            <BestSoFar plot={plot} />
            <FunnelCounts funnel={funnel} />
          </Stack>
        </Grid.Col>
        {isActive(job) && (
          <Grid.Col span={12}>
            <TriedNow program={current} />
          </Grid.Col>
        )}
        <Grid.Col span={7.2}>
          <Ranking rows={ranking} />
        </Grid.Col>
        <Grid.Col span={4.8}>
          <JobLog lines={log} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
