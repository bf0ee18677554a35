import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LinkEnd } from '../../electron/board/link.ts';
import { openRunnerBoard } from '../../electron/board/runner-board.ts';
import { type RunnerClientOptions, startRunnerClient } from '../../electron/board/runner-client.ts';
import { createFrameDecoder, encodeFrame } from '../../electron/runner/frames.ts';

const marker = 'marker-of-this-test';

/** A runner played by the test: `onFrame` sees each request and may answer. */
function makeLink(
  onFrame: (header: { id: number; method: string }, answer: (header: object) => void) => void,
) {
  const output = new PassThrough();
  const complaints = new PassThrough();
  let end: (end: LinkEnd) => void = () => {};
  const ended = new Promise<LinkEnd>((resolve) => {
    end = resolve;
  });
  const decoder = createFrameDecoder();
  const answer = (header: object): void => {
    for (const piece of encodeFrame(header)) output.write(piece);
  };
  const input = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const frames = decoder.push(chunk);
      if (!frames.ok) throw new Error(frames.error.reason);
      for (const frame of frames.value) {
        const header = frame.header as { id: number; method: string };
        if (header.method === 'exit') end({ kind: 'exited', code: 0 });
        else onFrame(header, answer);
      }
      done();
    },
  });
  let destroyed = false;
  const destroy = (): void => {
    destroyed = true;
    end({ kind: 'lost', reason: 'destroyed' });
  };
  const link = { input, output, complaints, ended, destroy };
  return { link, answer, end, isDestroyed: () => destroyed };
}

const options: RunnerClientOptions = { board: 'test', marker, modelFolder: 'unused' };
const hello = {
  protocol: 1,
  identity: {
    id: 'i',
    name: 'n',
    arch: 'x64',
    cpu: 'c',
    cores: 1,
    memoryBytes: 1,
    os: 'o',
    nodeVersion: '24',
    runtimeVersion: '1',
    serialNumber: null,
  },
};
const timing = { sha256s: [], settings: { threads: 1, level: 'all' }, blocks: 1, iterations: 1 } as const;
const timeRequest = { ...timing, visitMs: 1, warmupMs: 1, seed: 1 };

describe('the client of a runner', () => {
  it('reads past whatever shell start-up files print, even in the middle of a chunk (fault 17)', async () => {
    const { link } = makeLink((header, answer) => answer({ id: header.id, ok: true, value: ['x'] }));
    link.output.write(`Welcome to ${marker.slice(0, 9)}\nmotd\0\xff ${marker}`);
    link.output.write('\n');
    const client = await startRunnerClient(link, options);
    if (!client.ok) throw new Error(client.error.kind);
    expect(await client.value.call({ method: 'missingModels', sha256s: [] })).toMatchObject({
      value: { value: ['x'] },
    });
    await client.value.close();
  });

  it('gives up on a board that only prints', async () => {
    const { link, isDestroyed } = makeLink(() => {});
    const started = startRunnerClient(link, options);
    for (let count = 0; count < 40; count++) link.output.write('y\n'.repeat(32_768));
    expect(await started).toMatchObject({ ok: false, error: { kind: 'runnerFailed' } });
    expect(isDestroyed()).toBe(true);
  });

  it('gives up on a runner that does not come up in time', async () => {
    const { link } = makeLink(() => {});
    const started = await startRunnerClient(link, { ...options, startTimeoutMs: 20 });
    expect(started).toMatchObject({ ok: false, error: { kind: 'runnerFailed' } });
  });

  it('reports a runner that ends with an error by its last words, and all later calls too', async () => {
    const { link, end } = makeLink(() => {
      link.complaints.write('first\nError: no such library\n');
      setImmediate(() => end({ kind: 'exited', code: 1 }));
    });
    link.output.write(`${marker}\n`);
    const client = await startRunnerClient(link, options);
    if (!client.ok) throw new Error(client.error.kind);
    const error = { kind: 'runnerFailed', board: 'test', reason: 'Error: no such library' };
    expect(await client.value.call({ method: 'hello' })).toEqual({ ok: false, error });
    expect(await client.value.call({ method: 'hello' })).toEqual({ ok: false, error });
  });

  it.each([
    [{ kind: 'exited', code: 7 }, 'runnerFailed'],
    [{ kind: 'killed', signal: 'SIGKILL' }, 'boardLost'],
    [{ kind: 'killed', signal: 'SIGSEGV' }, 'runnerFailed'],
    [{ kind: 'lost', reason: 'cut' }, 'boardLost'],
    [{ kind: 'exited', code: 0 }, 'boardLost'],
  ] as const)('takes an end of %j in mid-request for no success (fault 15)', async (linkEnd, kind) => {
    const { link, end } = makeLink(() => end(linkEnd));
    link.output.write(`${marker}\n`);
    const client = await startRunnerClient(link, options);
    if (!client.ok) throw new Error(client.error.kind);
    expect(await client.value.call({ method: 'hello' })).toMatchObject({ ok: false, error: { kind } });
  });

  it('breaks off when no frame comes for too long, and progress counts as one', async () => {
    let told = 0;
    const { link } = makeLink((header, answer) => {
      if (header.method !== 'profile') return;
      const timer = setInterval(() => {
        if (++told < 5) answer({ id: header.id, progress: { done: told, total: 9 } });
        else clearInterval(timer);
      }, 60);
    });
    link.output.write(`${marker}\n`);
    const client = await startRunnerClient(link, { ...options, answerStallMs: 150 });
    if (!client.ok) throw new Error(client.error.kind);
    const call = {
      method: 'profile',
      sha256: 'x',
      settings: timing.settings,
      iterations: 1,
      warmupMs: 1,
    } as const;
    expect(await client.value.call(call)).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
    expect(told).toBe(5);
  });

  it('breaks off when the link takes no more bytes (fault 11)', async () => {
    const { link } = makeLink(() => {});
    const stuck = { ...link, input: new Writable({ highWaterMark: 1, write: () => {} }) };
    link.output.write(`${marker}\n`);
    const client = await startRunnerClient(stuck, { ...options, sendStallMs: 30 });
    if (!client.ok) throw new Error(client.error.kind);
    const put = await client.value.call({ method: 'putModel', sha256: 'x' }, new Uint8Array(1000));
    expect(put).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
  });

  it('sends a cancel for a request under way, and never sends one that was cancelled before', async () => {
    const seen: string[] = [];
    const abort = new AbortController();
    const { link } = makeLink((header, answer) => {
      seen.push(header.method);
      if (header.method === 'time') abort.abort();
      if (header.method === 'cancel') answer({ id: 1, ok: false, kind: 'cancelled', reason: '' });
    });
    link.output.write(`${marker}\n`);
    const client = await startRunnerClient(link, options);
    if (!client.ok) throw new Error(client.error.kind);
    const call = () => client.value.call({ method: 'time', ...timeRequest }, undefined, abort.signal);
    expect(await Promise.all([call(), call()])).toEqual([
      { ok: false, error: { kind: 'cancelled' } },
      { ok: false, error: { kind: 'cancelled' } },
    ]);
    expect(seen).toEqual(['time', 'cancel']);
  });

  it.each([
    ['diskFull', { kind: 'boardDiskFull', board: 'test', folder: 'unused', neededBytes: 3 }],
    ['hashMismatch', { kind: 'boardCorrupted', board: 'test', file: 'unused/abc.onnx' }],
    ['modelFailsToRun', { kind: 'modelFailsToRun', path: 'abc', reason: 'why' }],
    ['internal', { kind: 'runnerFailed', board: 'test', reason: 'why' }],
  ])("turns the runner's %s into an error of the app", async (kind, error) => {
    const { link } = makeLink((header, answer) => answer({ id: header.id, ok: false, kind, reason: 'why' }));
    link.output.write(`${marker}\n`);
    const client = await startRunnerClient(link, options);
    if (!client.ok) throw new Error(client.error.kind);
    const put = await client.value.call({ method: 'putModel', sha256: 'abc' }, new Uint8Array(3));
    expect(put).toEqual({ ok: false, error });
  });

  it('refuses answers of another shape than the protocol has', async () => {
    const { link } = makeLink((header, answer) => {
      answer({ id: header.id, ok: true, value: header.method === 'hello' ? hello : { blocks: 'many' } });
    });
    link.output.write(`${marker}\n`);
    const board = await openRunnerBoard(link, { ...options, installedBytes: 0, release: () => {} });
    if (!board.ok) throw new Error(board.error.kind);
    expect(await board.value.time(timeRequest)).toMatchObject({ ok: false, error: { kind: 'runnerFailed' } });
  });

  it('refuses a runner of another protocol version', async () => {
    const { link } = makeLink((header, answer) =>
      answer({ id: header.id, ok: true, value: { ...hello, protocol: 99 } }),
    );
    link.output.write(`${marker}\n`);
    const board = await openRunnerBoard(link, { ...options, installedBytes: 0, release: () => {} });
    expect(board).toMatchObject({
      ok: false,
      error: { kind: 'runnerFailed', reason: 'it speaks version 99' },
    });
  });
});
