const form = /^(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$/;

/** Reads `90s`, `10m`, `10min`, `1h` or `1h30m` into seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = form.exec(text);
  if (match === null || text === '') return null;
  const [hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  return (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}
