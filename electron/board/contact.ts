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
  /** Bytes of the runner sent so far, of all that are to be sent, both before compression. */
  onInstall?(sentBytes: number, totalBytes: number): void;
}
