/** How a connect stops, asks and tells. */
export interface BoardContact {
  readonly signal: AbortSignal;
  /** First contact: resolves to `true` only when a person accepted this fingerprint. */
  confirmHostKey(board: string, fingerprint: string): Promise<boolean>;
  /** Bytes of the runner sent so far, of all that are to be sent, both before compression. */
  onInstall?(sentBytes: number, totalBytes: number): void;
}
