import { resolve } from 'node:path';
import type { Board } from '../board/board.ts';
import type { Listener, ProfileCall, ProfileResult } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { analyseProfile, type OperatorAnalysis } from '../engine/complexity/analyse.ts';
import { type MappedOperator, mapOperators } from '../engine/complexity/map-operators.ts';
import { readModel } from '../engine/onnx/read.ts';
import { latencyQuantiles } from '../engine/verify/ratio.ts';
import type { ProfileReply, SessionSettings } from '../runner/protocol.ts';
import { readBeforeMeasuring } from './before-measuring.ts';
import { connect } from './connecting.ts';
import {
  type CheckedModel,
  type OpenModel,
  openCheckedModel,
  storedModelOf,
  withModelPath,
} from './open-model.ts';
import { checkOutput, writeOutput } from './outputs.ts';
import { type AppParts, orCancelled } from './parts.ts';
import { writeProfileFiles } from './profile-files.ts';

/** The first look only tells how many calls fit into a round. */
const firstCalls = 8;
const roundSeconds = 2.5;
const callsOfRound = { least: 10, most: 500 } as const;
const growth = 3;
/** No more is begun after this time or this many calls, be the ranking certain or not. */
const bounds = { seconds: 20, calls: 4_000 } as const;

/** Profiles a model on a board; see `Api.profile`. */
export async function profile(
  parts: AppParts,
  call: ProfileCall,
  listener: Listener,
): Promise<Result<ProfileResult, AppError>> {
  const out = call.out === undefined ? undefined : resolve(parts.cwd, call.out);
  const free = out === undefined ? ok(undefined) : checkOutput(out);
  if (!free.ok) return free;
  const opened = openCheckedModel(call.modelPath, parts.cwd);
  if (!opened.ok) return opened;
  const model = opened.value;
  const connected = await connect(parts, call.board, listener);
  if (!connected.ok) return orCancelled(connected, listener);
  const board = connected.value;
  const settings = { threads: call.threads, level: call.level ?? 'all' };
  try {
    const before = orCancelled(await readBeforeMeasuring(board, listener), listener);
    if (!before.ok) return before;
    const measured = orCancelled(await measure(board, model, settings, listener), listener);
    if (!measured.ok) return fail(withModelPath(measured.error, [model]));
    const saved = parts.store.models.save(storedModelOf(model));
    if (!saved.ok) return saved;
    const result = profileResultOf(board, model, settings, measured.value);
    const kept = parts.store.profiles.save({ ...result, files: [] }, board.address);
    if (!kept.ok) return kept;
    if (out === undefined) return ok({ ...result, files: [] });
    const { reply, operators } = measured.value;
    const written = writeOutput(out, (folder) => writeProfileFiles(folder, result, reply.events, operators));
    return written.ok ? ok({ ...result, files: written.value }) : written;
  } finally {
    await board.close();
  }
}

interface Measured {
  readonly reply: ProfileReply;
  readonly analysis: OperatorAnalysis;
  /** What of the user's model was executed by which event. */
  readonly operators: readonly MappedOperator[];
}

/** Profiles in rounds of more and more calls, until the ranking is certain or a bound is reached. */
async function measure(
  board: Board,
  { model, inputShapes, boardBytes, boardSha256 }: CheckedModel,
  settings: SessionSettings,
  listener: Listener,
): Promise<Result<Measured, AppError>> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  listener.onEvent({ kind: 'stageStarted', stage: 'profile' });
  const put = await board.putModels(new Map([[boardSha256, boardBytes]]));
  if (!put.ok) return put;
  const round = (iterations: number, warmupMs: number) =>
    board.profile({ sha256: boardSha256, settings, iterations, warmupMs }, listener.signal);
  const look = await round(firstCalls, 20);
  if (!look.ok) return look;
  const callUs = latencyQuantiles(look.value.instrumentedUs).p50;
  let calls = Math.round((roundSeconds / 2) * (1e6 / Math.max(callUs, 1)));
  calls = Math.min(Math.max(calls, callsOfRound.least), callsOfRound.most);
  for (let rounds = 1; ; rounds++) {
    listener.onEvent({
      kind: 'progress',
      stage: 'profile',
      done: rounds,
      total: 0,
      note: { kind: 'calls', calls, again: rounds > 1 },
    });
    const profiled = await round(calls, 200);
    if (!profiled.ok) return profiled;
    const { optimizedModel, ...reply } = profiled.value;
    const analysis = analyseProfile(model, reply, optimizedModel, inputShapes);
    const next = calls * growth;
    // The next round takes about as much longer as it has more calls.
    const isLast = next > bounds.calls || seconds() * (1 + growth) > bounds.seconds;
    if (!analysis.rankingCertain && !isLast) {
      calls = next;
      continue;
    }
    listener.onEvent({
      kind: 'stageFinished',
      stage: 'profile',
      seconds: seconds(),
      summary: {
        kind: 'profiled',
        calls,
        operators: analysis.operators.length,
        certain: analysis.rankingCertain,
      },
    });
    const optimized = readModel(optimizedModel, 'optimized model');
    const { operators } = mapOperators(model, optimized.ok ? optimized.value : null, reply.events);
    return ok({ reply, analysis, operators });
  }
}

/** A profile as it is shown and kept. */
export function profileResultOf(
  board: Board,
  model: OpenModel,
  { threads, level }: SessionSettings,
  { reply, analysis }: Pick<Measured, 'analysis'> & { readonly reply: Pick<ProfileReply, 'cleanUs'> },
): Omit<ProfileResult, 'files'> {
  return {
    board: board.identity,
    threads,
    level,
    modelPath: model.path,
    modelSha256: model.sha256,
    parameters: model.parameters,
    sizeBytes: model.bytes.length,
    latencyUs: latencyQuantiles(reply.cleanUs),
    calls: reply.cleanUs.length,
    ...analysis,
  };
}
