import type { AppError } from '../../../contract/errors.ts';
import type { Result } from '../../../contract/result.ts';
import type { RunResult } from '../../../contract/run-result.ts';
import type { ReportExtras } from '../../../report/extras.ts';
import type { TimeReply } from '../../../runner/protocol.ts';
import { sha256 } from '../../onnx/hash.ts';
import type { OnnxModel } from '../../onnx/model.ts';
import { writeModel } from '../../onnx/write.ts';
import { compareSpeed, latencyQuantiles, noiseFloorOf, pairsOf } from '../../verify/ratio.ts';
import { parametersOf } from '../judging/verify.ts';
import { need, type Study } from '../study.ts';
import { settingsOf } from '../timing.ts';

const claimTiming = { blocks: 40, iterations: 0, visitMs: 25, warmupMs: 150 } as const;

/** The comparison that a claim rests on: A, A again as a control, and B, all resident, in random ABBA order. */
export interface SpeedFindings {
  readonly speedup: number;
  readonly interval95: readonly [number, number];
  readonly verdict: RunResult['comparison']['verdict'];
  readonly a: RunResult['original']['latencyUs'];
  readonly b: RunResult['original']['latencyUs'];
  readonly evidence: NonNullable<ReportExtras['comparison']>;
  readonly calls: number;
  /** Single-call times of A and of B, in the order they were taken. */
  readonly callsUs: { readonly a: readonly number[]; readonly b: readonly number[] };
}

/** Times B against A on the board with a control in the same go. */
export async function compareOnBoard(study: Study, a: Uint8Array, b: Uint8Array): Promise<SpeedFindings> {
  const control = controlOf(study.original);
  const request = { ...claimTiming, settings: settingsOf(study), seed: study.job.seed };
  const reply = need(await study.host.time([a, control, b], request, 'claim'));
  const failure = reply.failed[0];
  if (failure) throw new Error(`The board could not run what it ran before: ${failure.reason}`);
  return speedFindingsOf(reply, study.job.seed);
}

/** What the times of A, A again and B on one board support. */
export function speedFindingsOf(reply: TimeReply, seed: number): SpeedFindings {
  const pairs = pairsOf(reply.blocks, 2);
  const noiseFloor = noiseFloorOf(pairsOf(reply.blocks, 1), seed);
  const speed = compareSpeed(pairs, noiseFloor, seed);
  return {
    speedup: speed.ratio,
    interval95: speed.interval95,
    verdict: speed.verdict,
    a: latencyQuantiles(reply.callsUs[0]!),
    b: latencyQuantiles(reply.callsUs[2]!),
    calls: Math.min(reply.callsUs[0]!.length, reply.callsUs[2]!.length),
    callsUs: { a: reply.callsUs[0]!, b: reply.callsUs[2]! },
    evidence: {
      blocks: reply.blocks.map(({ wallUs, cpuUs }) => ({
        wallUs: [wallUs[0]!, wallUs[2]!],
        cpuUs: [cpuUs[0]!, cpuUs[2]!],
      })),
      pairs: pairs.length,
      droppedBlocks: reply.dropped.length,
      noiseFloor,
      clock: 'wall',
      conditions: reply.conditions,
    },
  };
}

/** A once more as a model of its own: other bytes, so a session of its own, and nothing else. */
const controlOf = (model: OnnxModel): Uint8Array =>
  writeModel({ ...model, graphName: `${model.graphName} (control)` });

/** Peak memory, or null where the board does not tell. */
async function peakMemoryOf(study: Study, bytes: Uint8Array): Promise<number | null> {
  const result: Result<number | null, AppError> = await study.host.peakMemory(bytes, settingsOf(study));
  return result.ok ? result.value : null;
}

/** The block of result.json for one of the two models. */
export async function measuredModel(
  study: Study,
  bytes: Uint8Array,
  model: OnnxModel,
  latencyUs: RunResult['original']['latencyUs'],
  accuracy: RunResult['original']['accuracy'],
): Promise<RunResult['original']> {
  return {
    sha256: sha256(bytes),
    parameters: parametersOf(model),
    sizeBytes: bytes.length,
    latencyUs,
    peakMemoryBytes: await peakMemoryOf(study, bytes),
    accuracy,
  };
}
