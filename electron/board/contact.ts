import type { AskSignIn } from '../contract/questions.ts';
import type { RunWarning } from '../contract/run-notes.ts';

/** How a connect stops, asks and tells. */
export interface BoardContact {
  readonly signal: AbortSignal;
  /** First contact: resolves to `true` only when a person accepted this fingerprint. */
  confirmHostKey(board: string, fingerprint: string): Promise<boolean>;
  /** Asks for what only a person knows; missing or null: nobody can be asked. */
  readonly ask?: AskSignIn | null;
  /** What a person should know although the connect goes on. */
  onWarning?(warning: RunWarning): void;
  /** Before the first byte of the runner is sent. */
  onInstallStarting?(plan: InstallPlan): void;
  /** Bytes of the packed runner that were sent, of all that are to be sent. */
  onInstall?(sentBytes: number, totalBytes: number): void;
}

/** What an installation will take. */
export interface InstallPlan {
  /** Of the packed runner. */
  readonly sizeBytes: number;
  /** By the measured rate of the link; null where it could not be measured. */
  readonly seconds: number | null;
}
