import { readFileSync } from 'node:fs';
import type { RunInEngine } from '../../electron/engine/client.ts';
import type { EngineHost, Optimize, OptimizeJob, OptimizeOutcome } from '../../electron/engine/host.ts';
import type { OnnxModel } from '../../electron/engine/onnx/model.ts';
import { readModel } from '../../electron/engine/onnx/read.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';
import { explain } from '../../electron/engine/stages/judging/explain.ts';
import { compareOnBoard } from '../../electron/engine/stages/measuring/compare.ts';
import { need, type Study, settled } from '../../electron/engine/stages/study.ts';
import { timeAgainst } from '../../electron/engine/stages/timing.ts';
import { outcomeOf } from './fake-jobs.ts';

/** Candidates of the choosing engine by their names. */
export const candidateNames = ['bold', 'even', 'lopsided'] as const;
export type CandidateName = (typeof candidateNames)[number];

/** A candidate of a model: the same in another name, so another file. */
export const candidateOf = (model: OnnxModel, name: string): Uint8Array =>
  writeModel({ ...model, graphName: name });

/**
 * An engine in this process that chooses as the real one does: it profiles A, screens candidates with the real
 * timing, and judges the fastest with the real claim. `onScreened` is called in between.
 */
export const choosingEngine = (onScreened: () => void = () => undefined): RunInEngine => {
  const run = (name: string, job: OptimizeJob, host: EngineHost): ReturnType<Optimize> => {
    if (name !== 'optimize') throw new Error(`This engine does no job ${name}`);
    return choose(job, host, onScreened);
  };
  // It serves one job only, which the type of all cannot say.
  return run as unknown as RunInEngine;
};

/** The choice as an engine's job. */
export const choose = (
  job: OptimizeJob,
  host: EngineHost,
  onScreened: () => void = () => undefined,
): ReturnType<Optimize> =>
  settled(async (): Promise<OptimizeOutcome> => {
    const original = need(readModel(readFileSync(job.modelPath), job.modelPath));
    const a = writeModel(original);
    // What timing needs of a study.
    const study = { host, job, original } as unknown as Study;
    const settings = { threads: job.threads, level: job.level };
    host.event({ kind: 'stageStarted', stage: 'search' });
    need(await host.profile(a, { settings, iterations: 6, warmupMs: 1 }));
    const models = candidateNames.map((name) => candidateOf(original, name));
    const timed = await timeAgainst(study, a, models, { blocks: 6, iterations: 1, visitMs: 1, warmupMs: 1 });
    onScreened();
    const ratios = timed.map(({ ratio }) => ratio ?? 0);
    const best = ratios.indexOf(Math.max(...ratios));
    const b = models[best] ?? a;
    const speed = await compareOnBoard(study, a, b);
    const { speedup, interval95, verdict } = speed;
    const memory = need(await host.peakMemory(a, settings));
    need(await host.peakMemory(b, settings));
    const summary = { kind: 'searched', proposed: models.length, timed: models.length } as const;
    host.event({ kind: 'stageFinished', stage: 'search', seconds: 1, summary });
    const isFaster = verdict === 'faster';
    const { result, details, ...outcome } = outcomeOf(a, isFaster ? b : a, !isFaster, memory);
    const reason = verdict === 'faster' ? null : ({ kind: 'notFaster', verdict } as const);
    const { reason: _, ...detailsOfB } = details;
    const comparison = { ...result.comparison, speedup, speedupInterval95: [...interval95], verdict };
    return {
      ...outcome,
      details: { ...detailsOfB, ...(reason && { reason }) },
      result: {
        ...result,
        explanation: reason ? explain(reason) : '',
        notes: [`Chosen: ${candidateNames[best]}; ratios ${ratios.map((r) => r.toFixed(2)).join(', ')}.`],
        original: { ...result.original, latencyUs: speed.a },
        optimized: { ...result.optimized, latencyUs: isFaster ? speed.b : speed.a },
        comparison: isFaster ? (comparison as typeof result.comparison) : result.comparison,
      },
    };
  });
