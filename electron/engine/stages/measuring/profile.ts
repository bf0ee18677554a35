import type { ProfileReply } from '../../../runner/protocol.ts';
import { analyseProfile, type OperatorAnalysis } from '../../complexity/analyse.ts';
import { median } from '../../complexity/intervals.ts';
import { mergeProfiles, profileRounds } from '../../complexity/rounds.ts';
import { combineAnalyses } from '../../complexity/several-boards.ts';
import type { OnnxModel } from '../../onnx/model.ts';
import { latencyQuantiles } from '../../verify/ratio.ts';
import { need, type Study } from '../study.ts';
import { settingsOf } from '../timing.ts';

/** What the Operator Complexity Analysis of A found. */
export interface ProfileFindings {
  readonly analysis: OperatorAnalysis;
  readonly cleanUs: { readonly p50: number; readonly p90: number; readonly p99: number };
  /** Time of each operator of the rewritten model; what was absorbed shares nothing of its own. */
  readonly latencyUs: ReadonlyMap<string, number>;
  readonly totalUs: number;
  readonly calls: number;
}

/** What one round warms up, the first on a board that may be idle; milliseconds. */
const warmupMs = { first: 100, later: 10 } as const;
const mostCalls = profileRounds.reduce((sum, calls) => sum + calls, 0);
/** No more is begun after this part of the budget, be the ranking certain or not. */
const mostOfBudget = 0.1;

/** A profile of as many calls as its ranking needed. */
export type Profiled = OperatorAnalysis & {
  readonly calls: number;
  readonly cleanUs: readonly number[];
  /** Inferences it took, and what it takes to make all calls that may be made; both with those that warm up. */
  readonly inferences: number;
  readonly inferencesFixed: number;
};

/** Profiles a model on the board in small rounds, and stops as soon as the ranking is certain. */
export async function profileModel(study: Study, model: OnnxModel, bytes: Uint8Array): Promise<Profiled> {
  const started = performance.now();
  /** By board; each has its rounds. */
  const boards: { optimizedModel: Uint8Array; readonly replies: ProfileReply[] }[] = [];
  for (let round = 0; ; round++) {
    const request = {
      settings: settingsOf(study),
      iterations: profileRounds[round]!,
      warmupMs: round === 0 ? warmupMs.first : warmupMs.later,
    };
    const { others = [], ...first } = need(await study.host.profile(bytes, request, round));
    // Fewer than before: a board was lost, and which of them cannot be told, so all begin anew.
    if (boards.length !== others.length + 1) boards.length = 0;
    [first, ...others].forEach(({ optimizedModel, ...reply }, i) => {
      boards[i] = { optimizedModel, replies: [...(boards[i]?.replies ?? []), reply] };
    });
    const [lead, ...rest] = boards.map(({ optimizedModel, replies }) => {
      const merged = mergeProfiles(replies);
      const analysis = analyseProfile(model, merged, optimizedModel, new Map(), profileRounds.length);
      return { analysis, merged, cleanUs: median(merged.cleanUs) };
    });
    if (!lead) throw new Error('A profile came of no board');
    const analysis = combineAnalyses([lead, ...rest]);
    const isLate = (performance.now() - started) / 1000 > mostOfBudget * study.job.budgetSeconds;
    if (!analysis.rankingCertain && round + 1 < profileRounds.length && !isLate) continue;
    const { cleanUs } = lead.merged;
    // The runner does not tell how many calls warmed up: at least two, and as many as fit.
    const us = median(cleanUs);
    const warmUps = (ms: number): number => Math.max(2, Math.ceil((ms * 1000) / us));
    const passes = 2;
    return {
      ...analysis,
      calls: cleanUs.length,
      cleanUs,
      inferences: passes * (warmUps(warmupMs.first) + round * warmUps(warmupMs.later) + cleanUs.length),
      inferencesFixed: passes * (warmUps(warmupMs.first) + mostCalls),
    };
  }
}

/** Operator Complexity Analysis of A, and how its times fall on the operators that the search works on. */
export async function analyse(study: Study): Promise<ProfileFindings> {
  const profile = await profileModel(study, study.original, study.originalBytes);
  study.ledger.rankingInferences = profile.inferences;
  study.ledger.rankingInferencesFixed = profile.inferencesFixed;
  const latencyUs = new Map<string, number>();
  for (const row of profile.operators) {
    // After rewriting an operator may be gone; the first one left of those that ran together stands for all.
    const names = [row.name, ...row.absorbed];
    const heir = names.find((name) => study.model.nodes.some((node) => node.name === name));
    if (heir) latencyUs.set(heir, (latencyUs.get(heir) ?? 0) + row.latencyUs);
  }
  const totalUs = [...latencyUs.values()].reduce((a, b) => a + b, 0);
  return {
    analysis: profile,
    cleanUs: latencyQuantiles(profile.cleanUs),
    latencyUs,
    totalUs,
    calls: profile.calls,
  };
}
