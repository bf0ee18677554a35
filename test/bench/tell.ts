const started = performance.now();

/** Says on stderr what is at work, and how long everything has taken so far. */
export function tell(text: string): void {
  const seconds = (performance.now() - started) / 1000;
  process.stderr.write(
    `[${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(0).padStart(2, '0')}] ${text}\n`,
  );
}
