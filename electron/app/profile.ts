import { join, resolve } from 'node:path';
import type { Listener, ProfileCall, ProfileResult } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import { analyseProfile } from '../engine/complexity/analyse.ts';
import { checkModel } from '../engine/onnx/check.ts';
import { sha256 } from '../engine/onnx/hash.ts';
import { readModelFile } from '../engine/onnx/read.ts';
import { writeModel } from '../engine/onnx/write.ts';
import { parametersOf } from '../engine/stages/verify.ts';
import { latencyQuantiles } from '../engine/verify/ratio.ts';
import { writeFilesAtomically } from '../store/atomic-file.ts';
import { checkOutput, writeOutput } from './outputs.ts';
import { profileCsv, profileTrace } from './profile-files.ts';
import { connect, type Services } from './services.ts';

const firstCalls = 80;
const mostCalls = 640;

/** Operator Complexity Analysis on the board: more calls until the ranking is certain, or the bound is reached. */
export async function profile(
  services: Services,
  call: ProfileCall,
  listener: Listener,
): Promise<Result<ProfileResult, AppError>> {
  const read = readModelFile(call.modelPath);
  if (!read.ok) return read;
  const checked = checkModel(read.value, call.modelPath);
  if (!checked.ok) return checked;
  if (call.out !== undefined) {
    const free = checkOutput(resolve(call.out));
    if (!free.ok) return free;
  }
  const connected = await connect(services, call.board, listener);
  if (!connected.ok) return connected;
  const board = connected.value;
  try {
    const bytes = writeModel(read.value);
    const hash = sha256(bytes);
    const put = await board.putModels(new Map([[hash, bytes]]));
    if (!put.ok) return put;
    listener.onEvent({ kind: 'stageStarted', stage: 'profile' });
    const started = performance.now();
    for (let iterations = firstCalls; ; iterations *= 2) {
      listener.onEvent({
        kind: 'progress',
        stage: 'profile',
        done: iterations / 2,
        total: mostCalls,
        note: 'calls profiled',
      });
      const settings = { threads: call.threads, level: 'all' as const };
      const reply = await board.profile(
        { sha256: hash, settings, iterations, warmupMs: 200 },
        listener.signal,
      );
      if (!reply.ok)
        return reply.error.kind === 'modelFailsToRun'
          ? { ok: false, error: { ...reply.error, path: call.modelPath } }
          : reply;
      const analysis = analyseProfile(read.value, reply.value, reply.value.optimizedModel, checked.value);
      if (!analysis.rankingCertain && iterations < mostCalls) continue;
      listener.onEvent({
        kind: 'stageFinished',
        stage: 'profile',
        seconds: (performance.now() - started) / 1000,
        summary: `${analysis.operators.length} operators`,
      });
      const result: ProfileResult = {
        ...analysis,
        board: board.identity,
        threads: call.threads,
        modelPath: call.modelPath,
        modelSha256: hash,
        parameters: parametersOf(read.value),
        sizeBytes: bytes.length,
        latencyUs: latencyQuantiles(reply.value.cleanUs),
        calls: reply.value.cleanUs.length,
        files: [],
      };
      return call.out === undefined ? ok(result) : writeFiles(resolve(call.out), result);
    }
  } finally {
    await board.close();
  }
}

async function writeFiles(folder: string, result: ProfileResult): Promise<Result<ProfileResult, AppError>> {
  const files = await writeOutput(folder, async (draft) => {
    const contents = new Map([
      [join(draft, 'profile.json'), `${JSON.stringify(result, null, 2)}\n`],
      [join(draft, 'profile.csv'), profileCsv(result)],
      [join(draft, 'trace.json'), profileTrace(result)],
    ]);
    const written = writeFilesAtomically(contents);
    return written.ok ? ok([...contents.keys()]) : written;
  });
  return files.ok ? ok({ ...result, files: files.value }) : files;
}
