import type { Api } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import { openStore } from '../store/open-store.ts';
import { compare } from './compare.ts';
import { optimize, resume } from './optimize.ts';
import { profile } from './profile.ts';
import type { Services } from './services.ts';

/** Where the app keeps what it knows, and what tests change. */
export interface AppOptions {
  readonly stateFolder: string;
  /** Default output folders are made under it; the current folder without it. */
  readonly workFolder?: string;
  readonly engineEntry?: string;
}

/** Opens the history and gives the API that every face uses. Errors: those of `openStore`. */
export async function createApp(options: AppOptions): Promise<Result<Api, AppError>> {
  const opened = openStore(options.stateFolder);
  if (!opened.ok) return opened;
  const store = opened.value;
  const services: Services = {
    store,
    stateFolder: options.stateFolder,
    workFolder: options.workFolder ?? process.cwd(),
    ...(options.engineEntry === undefined ? {} : { engineEntry: options.engineEntry }),
  };
  return ok({
    profile: (call, listener) => profile(services, call, listener),
    optimize: (call, listener) => optimize(services, call, listener),
    resume: (run, listener) => resume(services, run, listener),
    compare: (call, listener) => compare(services, call, listener),
    history: async (filter) => ok(store.runs.list(filter)),
    close: async () => store.close(),
  });
}
