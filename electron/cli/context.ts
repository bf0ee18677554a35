import type { Api } from '../contract/api.ts';
import type { DeployPlan } from '../contract/deploy.ts';
import type { AppError } from '../contract/errors.ts';
import type { SignInQuestion } from '../contract/questions.ts';
import type { Result } from '../contract/result.ts';
import type { SignalSource } from './interrupt.ts';

/** The part of a stream that the terminal's face writes to. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** All that the commands need from outside; `cli.ts` gives the real things. */
export interface CliContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** A person reads stdout and can be asked on stdin. */
  readonly canAsk: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Paths are shown as seen from here. */
  readonly folder: string;
  readonly sample: { readonly modelPath: string; readonly dataPath: string };
  readonly signals: SignalSource;
  nowMs(): number;
  openApi(): Promise<Result<Api, AppError>>;
  askHostKey(board: string, fingerprint: string, signal: AbortSignal): Promise<boolean>;
  /** Asks for what lets a person into a board; null: cancelled. */
  askSignIn(question: SignInQuestion, signal: AbortSignal): Promise<readonly string[] | null>;
  /** Before a board is changed; anything but an explicit yes is a no. */
  askDeployment(plan: DeployPlan, signal: AbortSignal): Promise<boolean>;
  /** Logs a bug; returns what to find the log entry by. */
  logBug(bug: unknown): Promise<string>;
  /** Ends the process at once. */
  endNow(exitCode: number): void;
}
