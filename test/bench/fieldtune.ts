import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** A new folder that nothing else uses. */
export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'fieldtune-bench-'));

/** How one command of the terminal face ended. */
export interface Outcome<T> {
  readonly exitCode: number;
  readonly seconds: number;
  readonly result: T | undefined;
  readonly message: string;
}

/** Runs one command of the terminal face with `--json` on the state in a folder; its progress goes to stderr. */
export function fieldtune<T>(args: readonly string[], stateFolder: string): Promise<Outcome<T>> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'electron/cli.ts'), ...args, '--json'], {
    cwd: root,
    env: { ...process.env, FIELDTUNE_HOME: stateFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = (performance.now() - started) / 1000;
      const document = read<T>(out);
      resolve({
        exitCode: code ?? -1,
        seconds,
        result: document?.result,
        message:
          document?.error?.message ?? (document ? '' : `it ended without a document: ${out.slice(0, 200)}`),
      });
    });
  });
}

function read<T>(text: string): { result?: T; error?: { message: string } } | null {
  try {
    return JSON.parse(text) as { result?: T; error?: { message: string } };
  } catch {
    return null;
  }
}
