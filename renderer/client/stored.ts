/** What a window kept as JSON under a key; empty where nothing is kept or it cannot be read. */
export function readStored<T extends object>(
  storage: 'localStorage' | 'sessionStorage',
  key: string,
): Partial<T> {
  try {
    // Asking for the storage itself may throw.
    return JSON.parse(globalThis[storage].getItem(key) ?? '{}') as Partial<T>;
  } catch {
    return {};
  }
}
