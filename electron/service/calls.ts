import type { z } from 'zod';
import type { Api } from '../contract/api.ts';
import {
  type CallArguments,
  type CallName,
  type CallResult,
  callArguments,
  type QueryName,
} from '../contract/calls.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { AppInfo } from '../contract/views.ts';
import type { Jobs } from './jobs.ts';

/** What the calls are answered with. */
export interface CallParts {
  readonly api: Pick<Api, 'query'>;
  readonly jobs: Omit<Jobs, 'close'>;
  readonly info: () => AppInfo;
  /** Logs a bug; returns what to find the log entry by. */
  readonly logBug: (bug: unknown) => Promise<string>;
}

/** Answers a call of a window by its name, whatever its arguments are. Never throws. */
export type Answer = (name: string, args: unknown) => Promise<Result<unknown, AppError>>;

type Given<N extends CallName> = CallResult<N> | Promise<CallResult<N>>;
type OwnCall = Exclude<CallName, QueryName>;
type OwnCalls = { readonly [N in OwnCall]: (args: CallArguments<N>) => Given<N> };

const longestValue = 200;

/** The answers to every call of the contract; arguments are parsed here and nowhere else. */
export function makeCalls({ api, jobs, info, logBug }: CallParts): Answer {
  const own: OwnCalls = {
    'app.info': () => ok(info()),
    // A page has no dialog of the system; Electron's main process answers this one itself.
    'files.choose': () => ok(null),
    'boards.connect': ({ board }) => jobs.connect(board),
    'boards.removeRunner': ({ board }) => jobs.removeRunner(board),
    'runs.start': (call) => jobs.optimize(call),
    'runs.resume': ({ run }) => jobs.resume(run),
    'runs.pick': (call) => jobs.pick(call),
    'runs.profile': (call) => jobs.profile(call),
    'runs.compare': (call) => jobs.compare(call),
    'deployments.deploy': (call) => jobs.deploy(call),
    'deployments.rollback': (call) => jobs.rollback(call),
    'deployments.unmanage': (call) => jobs.unmanage(call),
    'deployments.check': (call) => jobs.checkDeployments(call),
    'trials.start': (call) => jobs.trial(call),
    'jobs.list': () => ok(jobs.list()),
    'jobs.cancel': ({ job }) => jobs.cancel(job),
    'jobs.pause': ({ job }) => jobs.pause(job),
    'jobs.answer': ({ job, question, accept, answers = null }) =>
      jobs.answer(job, { question, accept, answers }),
  };
  const table = new Map<string, (args: unknown) => Promise<Result<unknown, AppError>>>();
  const add = <N extends CallName>(name: N, handle: (args: CallArguments<N>) => Given<N>): void => {
    // The compiler cannot see that the schema found under a name is the one that its arguments' type comes from.
    const schema = callArguments[name] as z.ZodType as z.ZodType<CallArguments<N>>;
    table.set(name, async (args) => {
      const parsed = schema.safeParse(args);
      return parsed.success ? handle(parsed.data) : fail(usageOf(name, args, parsed.error.issues));
    });
  };
  const isOwn = (name: CallName): name is OwnCall => Object.hasOwn(own, name);
  const addOwn = <N extends OwnCall>(name: N): void => add<N>(name, own[name]);
  const addQuery = <N extends QueryName>(name: N): void => add<N>(name, (args) => api.query(name, args));
  for (const name of Object.keys(callArguments) as CallName[]) {
    if (isOwn(name)) addOwn(name);
    else addQuery(name);
  }

  return async (name, args) => {
    const answer = table.get(name);
    if (answer === undefined)
      return fail({
        kind: 'usage',
        option: 'call',
        value: name.slice(0, longestValue),
        expected: 'a call that Fieldtune has',
      });
    try {
      return await answer(args);
    } catch (bug) {
      return fail({ kind: 'internal', logId: await logBug(bug) });
    }
  };
}

/** What is wrong with arguments, as one of the errors that a face has words for. */
function usageOf(
  name: string,
  args: unknown,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): AppError {
  const [issue] = issues;
  const path = issue?.path ?? [];
  let value = args;
  for (const key of path) value = isRecord(value) ? value[key] : undefined;
  const option = [name, ...path.map(String)].join(' ');
  const message = issue?.message ?? '';
  const expected = /expected (.+?)(?:, received .*)?$/.exec(message)?.[1] ?? message;
  // What a person answers to a sign-in is repeated nowhere.
  const shown = name === 'jobs.answer' ? '' : (JSON.stringify(value) ?? '').slice(0, longestValue);
  return { kind: 'usage', option, value: shown, expected };
}

const isRecord = (value: unknown): value is Readonly<Record<PropertyKey, unknown>> =>
  typeof value === 'object' && value !== null;
