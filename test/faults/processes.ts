import { readdirSync, readFileSync } from 'node:fs';

/** Process ids of the living processes whose command line holds a text. */
export function findProcesses(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Waits until a condition holds; throws after `timeoutMs`. */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > timeoutMs) throw new Error('The awaited condition never held');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Process ids of all that a process has started, and of what those have. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may hold anything; the parent is the second field after it.
        const fields = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)?.split(' ');
        return [{ id: Number(name), parent: Number(fields?.[1]) }];
      } catch {
        return [];
      }
    });
  const childrenOf = (parent: number): readonly number[] =>
    parents.flatMap((one) => (one.parent === parent ? [one.id, ...childrenOf(one.id)] : []));
  return childrenOf(pid);
}
