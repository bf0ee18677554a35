import type { Pick } from './host.ts';
import { finalistsFrom } from './stages/judging/front.ts';
import { type Findings, judge, nothingFound } from './stages/judging/judge.ts';
import { need, openStudy, settled } from './stages/study.ts';

/** Chooses again from the front of a run that is done: verifies, and compares with A on the board. */
export const pick: Pick = (request, host) =>
  settled(async () => {
    const study = need(await openStudy(request.job, host));
    const { from, front } = request;
    const findings: Findings = {
      operators: from.operators,
      search: from.search,
      cleanUs: from.original.latencyUs,
      profiled: null,
      a: null,
      tuned: front.tunedOriginal,
      front: null,
      notes: [
        `Chosen from the front of run ${from.run} with another limit, after what that run had found on the same samples was known; the interval of the accuracy does not know of that.`,
      ],
    };
    const finalists = finalistsFrom(request);
    if (!finalists) return nothingFound(study, findings, { kind: 'noneFaster' });
    return judge(study, findings, finalists);
  });
