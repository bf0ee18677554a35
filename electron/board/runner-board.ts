import type { z } from 'zod';
import type { BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { protocolVersion, type RequestCall } from '../runner/protocol.ts';
import type { Board } from './board.ts';
import type { RunnerLink } from './link.ts';
import { energySchema, inventorySchema, readingSchema } from './reading-schemas.ts';
import {
  conditionsSchema,
  helloSchema,
  missingModelsSchema,
  peakMemorySchema,
  profileSchema,
  sustainPartSchema,
  sustainSchema,
  timeSchema,
  trialPartSchema,
  trialSchema,
} from './reply-schemas.ts';
import { type Answer, type CallError, type RunnerClientOptions, startRunnerClient } from './runner-client.ts';

/** What a link's owner knows about the board that a runner was started on. */
export interface RunnerBoardOptions extends RunnerClientOptions {
  readonly installedBytes: number;
  /** Called when the runner of a board that was handed out is gone, to drop what carried it. */
  readonly release: () => void;
}

/** Makes a `Board` of a started runner. Errors: `runnerFailed`, `boardLost`; the link is dropped then, what carries it is not. */
export async function openRunnerBoard(
  link: RunnerLink,
  options: RunnerBoardOptions,
): Promise<Result<Board, BoardError>> {
  const { board } = options;
  const started = await startRunnerClient(link, options);
  if (!started.ok) return started;
  const client = started.value;
  /** Checks the shape of an answer's value. */
  const read = <S extends z.ZodType>(
    answer: Result<Answer, CallError>,
    schema: S,
  ): Result<{ readonly value: z.output<S>; readonly body: Uint8Array }, CallError> => {
    if (!answer.ok) return answer;
    const parsed = schema.safeParse(answer.value.value);
    return parsed.success
      ? ok({ value: parsed.data, body: answer.value.body })
      : fail({ kind: 'runnerFailed', board, reason: 'the runner gave an answer of another shape' });
  };

  /** Work that tells what it has found as it goes on; parts of another shape are a failure at its end. */
  const long = async <S extends z.ZodType>(
    request: RequestCall,
    schema: S,
    onPart: (part: z.output<S>) => void,
    signal: AbortSignal | undefined,
  ): Promise<Result<Answer, CallError>> => {
    let isStrange = false;
    const take = (part: unknown): void => {
      const parsed = schema.safeParse(part);
      if (parsed.success) onPart(parsed.data);
      else isStrange = true;
    };
    const answer = await client.call(request, undefined, signal, take);
    if (!isStrange) return answer;
    return fail({ kind: 'runnerFailed', board, reason: 'the runner told something of another shape' });
  };

  const hello = read(await client.call({ method: 'hello' }), helloSchema);
  if (!hello.ok || hello.value.value.protocol !== protocolVersion) {
    await client.close();
    // A greeting has no model that could be refused and nobody who could cancel it.
    if (!hello.ok) return fail(asBoardError(hello.error, board));
    return fail({ kind: 'runnerFailed', board, reason: `it speaks version ${hello.value.value.protocol}` });
  }

  void link.ended.then(options.release);
  return ok({
    address: board,
    identity: hello.value.value.identity,
    installedBytes: options.installedBytes,
    async conditions(signal) {
      const answer = read(await client.call({ method: 'conditions' }, undefined, signal), conditionsSchema);
      return answer.ok ? ok(answer.value.value) : answer;
    },
    async inventory(signal) {
      const answer = read(await client.call({ method: 'inventory' }, undefined, signal), inventorySchema);
      return answer.ok ? ok(answer.value.value) : answer;
    },
    async reading(signal) {
      const answer = read(await client.call({ method: 'reading' }, undefined, signal), readingSchema);
      return answer.ok ? ok(answer.value.value) : answer;
    },
    async energy(request, signal) {
      const answer = read(
        await client.call({ method: 'energy', ...request }, undefined, signal),
        energySchema,
      );
      return answer.ok ? ok(answer.value.value) : answer;
    },
    async putModels(models) {
      const asked = await client.call({ method: 'missingModels', sha256s: [...models.keys()] });
      const missing = read(asked, missingModelsSchema);
      if (!missing.ok) return missing;
      for (const sha256 of missing.value.value) {
        const bytes = models.get(sha256);
        if (!bytes) continue;
        const put = await client.call({ method: 'putModel', sha256 }, bytes);
        if (!put.ok) return put;
      }
      return ok(undefined);
    },
    async time(request, signal) {
      const answer = read(await client.call({ method: 'time', ...request }, undefined, signal), timeSchema);
      return answer.ok ? ok(answer.value.value) : answer;
    },
    async sustain(request, onPart, signal) {
      const answer = await long({ method: 'sustain', ...request }, sustainPartSchema, onPart, signal);
      const checked = read(answer, sustainSchema);
      return checked.ok ? ok(checked.value.value) : checked;
    },
    async trial(request, onPart, signal) {
      const answer = await long({ method: 'trial', ...request }, trialPartSchema, onPart, signal);
      const checked = read(answer, trialSchema);
      return checked.ok ? ok(checked.value.value) : checked;
    },
    async profile(request, signal) {
      const answer = read(
        await client.call({ method: 'profile', ...request }, undefined, signal),
        profileSchema,
      );
      return answer.ok ? ok({ ...answer.value.value, optimizedModel: answer.value.body }) : answer;
    },
    async peakMemory(sha256, settings) {
      const answer = read(await client.call({ method: 'peakMemory', sha256, settings }), peakMemorySchema);
      return answer.ok ? ok(answer.value.value) : answer;
    },
    async run(sha256, settings, inputs) {
      const answer = await client.call({ method: 'run', sha256, settings }, inputs);
      return answer.ok ? ok(answer.value.body) : answer;
    },
    close: () => client.close(),
  });
}

function asBoardError(error: CallError, board: string): BoardError {
  return error.kind === 'cancelled' || error.kind === 'modelFailsToRun'
    ? { kind: 'runnerFailed', board, reason: error.kind }
    : error;
}
