import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localRunnerProgram } from '../../electron/board/install/runner-files.ts';
import { createFrameDecoder, encodeFrame } from '../../electron/runner/frames.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldtune-runner-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Runs the program with these arguments and this whole stdin, until it ends. */
async function run(args: readonly string[], input: readonly Uint8Array[] = []) {
  const child = spawn(process.execPath, [localRunnerProgram(), ...args]);
  const output: Buffer[] = [];
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(Buffer.concat(input));
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, output: Buffer.concat(output), complaints };
}

const start = () => ['--root', root, '--marker', 'here it starts'];

describe("the runner's program", () => {
  it('ends when its stdin does, so that it never outlives its link (fault 21)', async () => {
    const { code, output } = await run(start());
    expect(code).toBe(0);
    expect(output.toString()).toBe('here it starts\n');
  });

  it('answers each request by its id before it exits, and prints nothing but frames', async () => {
    const requests = [
      { id: 1, method: 'hello' },
      { id: 2, method: 'missingModels', sha256s: ['f'.repeat(64)] },
      { id: 3, method: 'nonsense' },
      { id: 4, method: 'cancel', target: 99 },
      { id: 5, method: 'missingModels', sha256s: ['../../etc/passwd'] },
      { id: 6, method: 'conditions' },
      { id: 7, method: 'exit' },
    ];
    const child = spawn(process.execPath, [localRunnerProgram(), ...start()]);
    for (const request of requests) for (const piece of encodeFrame(request)) child.stdin.write(piece);
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    // stdin stays open: it is `exit` that ends the program.
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    const decoded = createFrameDecoder().push(Buffer.concat(output).subarray('here it starts\n'.length));
    if (!decoded.ok) throw new Error(decoded.error.reason);
    const replies = decoded.value
      .map((frame) => frame.header as { id: number; ok: boolean; value: unknown })
      .sort((a, b) => a.id - b.id);
    expect(replies.map((reply) => [reply.id, reply.ok])).toEqual([
      [1, true],
      [2, true],
      [3, false],
      [4, true],
      [5, false],
      [6, true],
      [7, true],
    ]);
    expect(replies[5]?.value).toMatchObject({ load1: expect.any(Number) });
  });

  it('ends at a frame that makes no sense', async () => {
    const { code, complaints } = await run(start(), [Buffer.alloc(16, 0xff)]);
    expect(code).toBe(3);
    expect(complaints).toContain('broken frame');
  });

  it('says how it is to be started', async () => {
    expect(await run(['--root', root])).toMatchObject({
      code: 2,
      complaints: expect.stringContaining('--marker'),
    });
  });
});
