import { analyseProfile, type OperatorAnalysis } from '../complexity/analyse.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { latencyQuantiles } from '../verify/ratio.ts';
import { need, type Study } from './study.ts';
import { settingsOf } from './timing.ts';

/** What the Operator Complexity Analysis of A found. */
export interface ProfileFindings {
  readonly analysis: OperatorAnalysis;
  readonly cleanUs: { readonly p50: number; readonly p90: number; readonly p99: number };
  /** Time of each operator of the rewritten model; what was absorbed shares nothing of its own. */
  readonly latencyUs: ReadonlyMap<string, number>;
  readonly totalUs: number;
  readonly calls: number;
}

/** Profiles a model on the board, once more with more calls while the ranking is not certain. */
export async function profileModel(
  study: Study,
  model: OnnxModel,
  bytes: Uint8Array,
): Promise<OperatorAnalysis & { calls: number; cleanUs: readonly number[] }> {
  let iterations = 60;
  for (;;) {
    const reply = need(
      await study.host.profile(bytes, { settings: settingsOf(study), iterations, warmupMs: 100 }),
    );
    const analysis = analyseProfile(model, reply, reply.optimizedModel);
    if (analysis.rankingCertain || iterations >= 240)
      return { ...analysis, calls: reply.cleanUs.length, cleanUs: reply.cleanUs };
    iterations *= 2;
  }
}

/** Operator Complexity Analysis of A, and how its times fall on the operators that the search works on. */
export async function analyse(study: Study): Promise<ProfileFindings> {
  const profile = await profileModel(study, study.original, study.originalBytes);
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
