import type { ChildProcess } from 'node:child_process';
import { forkProgram } from '../fork.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import type { Leg, LegReport, Lessons } from './distil.ts';

/** The data whose fit part is learnt from; each process opens it for itself. */
export interface SchoolData {
  readonly dataPath: string;
  /** File name of the model, which picks the preprocessing. */
  readonly modelName: string;
  /** Cuts the data into its parts. */
  readonly seed: number;
}

/** One leg for one student. */
export interface Pupil {
  readonly program: Program;
  readonly parameters: Parameters;
  readonly lessons: Omit<Lessons, 'fit' | 'sampleShape'>;
  readonly leg: Leg;
}

/** What a leg came to. */
export interface Taught {
  readonly parameters: Parameters;
  readonly report: LegReport;
}

export type ToSchool =
  | { readonly kind: 'open'; readonly data: SchoolData }
  | { readonly kind: 'teach'; readonly pupil: Pupil }
  | { readonly kind: 'stop' };

export type FromSchool =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'taught'; readonly taught: Taught }
  | { readonly kind: 'failed'; readonly message: string };

/** How long a process may take to stop by itself. */
const graceMs = 2_000;

/**
 * Processes that train students side by side: two of one thread each take a third more steps together than one of two
 * threads, since much of a gradient graph moves data, which a second thread does not hasten. They start when they are
 * first needed and stay until `close`.
 */
export class Schools {
  /** Legs that run at the same time. */
  readonly count: number;
  readonly #data: SchoolData;
  readonly #free: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #queue: ((child: ChildProcess) => void)[] = [];

  constructor(count: number, data: SchoolData) {
    this.count = Math.max(1, count);
    this.#data = data;
  }

  /** Trains one student; when `signal` aborts, it comes back as far as it got. Throws when the process fails. */
  async teach(pupil: Pupil, signal: AbortSignal, onProgress: (done: number) => void): Promise<Taught> {
    const child = await this.#take();
    let killing: NodeJS.Timeout | undefined;
    const stop = (): void => {
      child.send({ kind: 'stop' } satisfies ToSchool, () => undefined);
      killing = setTimeout(() => child.kill('SIGKILL'), graceMs);
    };
    try {
      return await new Promise<Taught>((resolve, reject) => {
        child.on('message', (message: FromSchool) => {
          if (message.kind === 'progress') onProgress(message.done);
          else if (message.kind === 'taught') resolve(message.taught);
          else reject(new Error(message.message));
        });
        child.once('exit', (code, name) => {
          this.#all.delete(child);
          reject(new Error(`A training process ended by itself (${name ?? `exit code ${code}`})`));
        });
        signal.addEventListener('abort', stop, { once: true });
        child.send({ kind: 'teach', pupil } satisfies ToSchool, () => undefined);
        if (signal.aborted) stop();
      });
    } finally {
      clearTimeout(killing);
      signal.removeEventListener('abort', stop);
      child.removeAllListeners('message');
      child.removeAllListeners('exit');
      this.#give(child);
    }
  }

  /** Ends all processes. */
  close(): void {
    for (const child of this.#all) child.kill('SIGKILL');
    this.#all.clear();
    this.#free.length = 0;
  }

  #take(): Promise<ChildProcess> {
    const free = this.#free.pop();
    if (free) return Promise.resolve(free);
    if (this.#all.size < this.count) return Promise.resolve(this.#start());
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  #give(child: ChildProcess): void {
    if (!this.#all.has(child) || child.killed) return;
    const next = this.#queue.shift();
    if (next) next(child);
    else this.#free.push(child);
  }

  #start(): ChildProcess {
    const entry = new URL('./school-process.ts', import.meta.url);
    const child = forkProgram(entry, { complaints: 'inherit', detached: false });
    this.#all.add(child);
    child.send({ kind: 'open', data: this.#data } satisfies ToSchool, () => undefined);
    return child;
  }
}
