import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeNpy, parseNpy } from '../../electron/engine/data/npy.ts';
import { encodeNpz } from '../../electron/engine/data/npz.ts';
import type { TrialPart, TrialReply, TrialRequest } from '../../electron/runner/protocol.ts';
import { localBoard } from './local-board.ts';
import { makeOrderModel, type TinyModel } from './tiny-models.ts';

const a = makeOrderModel([0, 1, 2, 3]);
/** Says the same unless one of the last two is the largest. */
const b = makeOrderModel([0, 1, 3, 2]);
const wide = makeOrderModel([0, 1, 2, 3, 4]);

const values = (at: number, size = 4): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => (i === at ? 5 : i / 10));
const npy = (at: number): Uint8Array => encodeNpy({ shape: [1, 4], values: values(at) });

/** A board with the models, and an empty folder of inputs beside it. */
async function setUp(models: readonly TinyModel[] = [a, b]) {
  const { board, folder } = await localBoard(models);
  const inputs = join(folder, 'inputs');
  mkdirSync(inputs);
  const parts: TrialPart[] = [];
  const run = async (
    changes: Partial<TrialRequest> = {},
    onPart: (part: TrialPart) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<TrialReply> => {
    const request: TrialRequest = {
      ...{ sha256A: models[0]!.sha256, sha256B: models[1]!.sha256, trial: 't-1', modelName: 'a.onnx' },
      ...{ settings: { threads: 1, level: 'all' }, inputs, outputs: null, most: 0, watch: false },
      ...changes,
    };
    const take = (part: TrialPart): void => {
      parts.push(part);
      onPart(part);
    };
    const reply = await board.trial(request, take, signal);
    if (!reply.ok) throw new Error(JSON.stringify(reply.error));
    return reply.value;
  };
  const put = (name: string, bytes: Uint8Array): void => writeFileSync(join(inputs, name), bytes);
  return {
    board,
    folder,
    inputs,
    put,
    run,
    disagreements: () => parts.flatMap((part) => part.disagreements),
    malformed: () => parts.flatMap((part) => part.malformed),
  };
}

describe('a trial on the board', () => {
  test('runs B after A on the same inputs of every kind, and keeps what they disagree on', async () => {
    const { folder, put, run, disagreements } = await setUp();
    put('1-one.npy', npy(0));
    put('2-sample.npy', encodeNpy({ shape: [4], values: values(1) }));
    put('3-several.npy', encodeNpy({ shape: [2, 4], values: Float32Array.of(...values(1), ...values(2)) }));
    put('4-bytes.npy', encodeNpy({ shape: [1, 4], values: Uint8Array.of(1, 2, 3, 9) }));
    put('5-named.npz', encodeNpz({ x: { shape: [1, 4], values: values(0) } }));
    put('6-only.npz', encodeNpz({ image: { shape: [4], values: values(3) } }));
    put('7.bin', new Uint8Array(values(0).buffer));
    put('8.raw', new Uint8Array(values(2).buffer));
    const reply = await run();
    expect(reply).toMatchObject({ ended: 'complete', refused: '', failed: null });
    expect(reply.counts).toMatchObject({ inputs: 9, agreed: 5, malformed: 0, failedB: 0, by: 'top-1' });
    expect(reply.counts.a).toMatchObject({ calls: 9, p50Us: expect.any(Number) });
    expect(reply.counts.b.p50Us).toBeGreaterThan(0);
    expect(disagreements().map(({ input, top1A, top1B }) => [input, top1A, top1B])).toEqual([
      ['3-several.npy[1]', 2, 3],
      ['4-bytes.npy', 3, 2],
      ['6-only.npz', 3, 2],
      ['8.raw', 2, 3],
    ]);
    expect(disagreements()[1]).toMatchObject({ outputA: [1, 2, 3, 9], outputB: [1, 2, 9, 3], reason: null });
    expect(disagreements()[1]?.largestDifference).toBe(6);
    const kept = join(folder, 'local-board', 'trials', 't-1');
    expect(reply.folder).toBe(kept);
    expect(readdirSync(kept)).toHaveLength(9);
    const file = parseNpy(readFileSync(join(kept, '0002-b.npy')));
    expect(file).toMatchObject({ ok: true, value: { shape: [1, 4] } });
    expect(readFileSync(join(kept, 'disagreements.jsonl'), 'utf8')).toContain('"input":"4-bytes.npy"');
  });

  test('writes the answers of A, whatever the inputs are called, and nothing elsewhere (fault 20)', async () => {
    const { folder, put, run, inputs } = await setUp();
    const hostile = ["-x; $(touch p) ' \n.npy", 'a\\..\\..\\x.npy', '%2e%2e%2fx.npy', '…\u202e.npy'];
    for (const name of hostile) put(name, npy(0));
    put(`${'n'.repeat(250)}.npy`, npy(0));
    const outputs = join(folder, 'answers', 'deep');
    // What lies in the way of an answer is not written through.
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'untouched');
    mkdirSync(outputs, { recursive: true });
    symlinkSync(precious, join(outputs, `${hostile[1]}.npy`));
    symlinkSync(precious, join(outputs, `${hostile[1]}.npy.part`));
    const before = readdirSync(folder).sort();
    const reply = await run({ outputs });
    // A name that has no room for an ending is named; it stops nothing.
    expect(reply.counts).toMatchObject({ inputs: 4, malformed: 1 });
    expect(readdirSync(outputs).sort()).toEqual(hostile.map((name) => `${name}.npy`).sort());
    expect(readFileSync(precious, 'utf8')).toBe('untouched');
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(readdirSync(inputs)).toHaveLength(5);
  });

  test('counts and names files that are no inputs, and goes on with the rest (fault 41)', async () => {
    const { folder, inputs, put, run, malformed } = await setUp();
    const whole = npy(0);
    put('a-cut.npy', whole.subarray(0, whole.length - 3));
    put('b-garbage.npy', new TextEncoder().encode('not numpy at all'));
    put('c-shape.npy', encodeNpy({ shape: [1, 5], values: values(0, 5) }));
    put('d-nan.npy', encodeNpy({ shape: [1, 4], values: Float32Array.of(1, Number.NaN, 2, 3) }));
    put('e-empty.npy', new Uint8Array(0));
    put('f-short.bin', new Uint8Array(15));
    put(
      'g-nothing.npz',
      encodeNpz({ y: { shape: [1, 4], values: values(0) }, z: { shape: [1], values: values(0, 1) } }),
    );
    put('h-cut.npz', encodeNpz({ x: { shape: [1, 4], values: values(0) } }).subarray(0, 40));
    put('i-photo.jpg', new Uint8Array(64));
    put('j-none.npy', encodeNpy({ shape: [0, 4], values: new Float32Array(0) }));
    put('k-nan.raw', new Uint8Array(Float32Array.of(1, 2, 3, Number.POSITIVE_INFINITY).buffer));
    writeFileSync(join(folder, 'secret.npy'), npy(0));
    symlinkSync(join(folder, 'secret.npy'), join(inputs, 'l-link.npy'));
    symlinkSync(join(folder, 'gone'), join(inputs, 'm-dangling.npy'));
    execFileSync('mkfifo', [join(inputs, 'n-pipe.npy')]);
    put('o-huge.npy', new Uint8Array(1));
    truncateSync(join(inputs, 'o-huge.npy'), 3 * 1024 ** 3);
    mkdirSync(join(inputs, 'p-folder.npy'));
    put('.hidden.npy', npy(0));
    put('z-good.npy', npy(0));
    const reply = await run();
    expect(reply.counts).toMatchObject({ inputs: 1, agreed: 1, malformed: 15 });
    const reasons = Object.fromEntries(malformed().map(({ file, reason }) => [file.slice(0, 1), reason]));
    expect(reasons).toEqual({
      a: 'its header promises 16 bytes of values, it holds 13',
      b: 'it is not a .npy array',
      c: 'its shape is [1,5], the model takes [1,4]',
      d: '1 of its values are not finite',
      e: 'the file is empty',
      f: 'it holds 15 bytes, the model takes 16 (float32)',
      g: 'it holds no array x',
      h: 'the file is truncated or damaged',
      i: 'only .npy, .npz, .bin, .raw can be read; images have no decoder on the board',
      j: 'it holds no samples',
      k: '1 of its values are not finite',
      l: 'it is a symbolic link, which is not followed',
      m: 'it is a symbolic link, which is not followed',
      n: 'it is not a regular file',
      o: 'it is larger than 268435456 bytes',
    });
  });

  test('names a hundred broken files and counts the rest', async () => {
    const { put, run, malformed } = await setUp();
    for (let i = 0; i < 130; i++) put(`${i}.npy`, new Uint8Array(3));
    expect((await run()).counts.malformed).toBe(130);
    expect(malformed()).toHaveLength(100);
  });

  test('keeps a hundred disagreements and counts the rest', async () => {
    const { folder, put, run, disagreements } = await setUp();
    const many = Array.from({ length: 130 }, () => [...values(2)]).flat();
    put('many.npy', encodeNpy({ shape: [130, 4], values: Float32Array.from(many) }));
    expect((await run()).counts).toMatchObject({ inputs: 130, agreed: 0 });
    expect(disagreements()).toHaveLength(100);
    expect(readdirSync(join(folder, 'local-board', 'trials', 't-1'))).toHaveLength(201);
  });

  test('preprocesses as the dataset.json beside the inputs says', async () => {
    const { put, run } = await setUp();
    const description = { preprocess: { scale: 0.1, mean: [1], std: [2] } };
    put('dataset.json', new TextEncoder().encode(JSON.stringify(description)));
    put('x.npy', encodeNpy({ shape: [1, 4], values: Uint8Array.of(10, 20, 30, 50) }));
    const seen: TrialPart[] = [];
    const reply = await run({}, (part) => seen.push(part));
    expect(reply.counts).toMatchObject({ inputs: 1, malformed: 0 });
    expect(seen.flatMap((part) => part.disagreements)[0]?.outputA).toEqual([0, 0.5, 1, 2]);
    put('dataset.json', new TextEncoder().encode('{"preprocess": {"std": 0}}'));
    expect((await run({ trial: 't-2' })).refused).toContain('dataset.json: preprocess.std');
  });

  test('stops after as many inputs as were asked for', async () => {
    const { put, run } = await setUp();
    for (let i = 0; i < 6; i++) put(`${i}.npy`, npy(0));
    expect((await run({ most: 4 })).counts.inputs).toBe(4);
  });

  test('goes on with files that come later and that change, until it is stopped', async () => {
    const { inputs, put, run } = await setUp();
    put('first.npy', npy(0));
    const abort = new AbortController();
    const seen: number[] = [];
    const reply = await run(
      { watch: true },
      ({ counts }) => {
        if (seen.at(-1) === counts.inputs) return;
        seen.push(counts.inputs);
        if (counts.inputs === 1) {
          put('later.npy.part', npy(2));
          renameSync(join(inputs, 'later.npy.part'), join(inputs, 'later.npy'));
        }
        if (counts.inputs === 2) put('first.npy', npy(3));
        if (counts.inputs === 3) abort.abort();
      },
      abort.signal,
    );
    expect(reply).toMatchObject({ ended: 'cancelled', counts: { inputs: 3, agreed: 1, malformed: 0 } });
  });

  test('says that B failed on an input that A answered, and goes on', async () => {
    const { put, run, disagreements } = await setUp([a, wide]);
    put('1.npy', npy(0));
    put('2.npy', npy(1));
    expect((await run()).counts).toMatchObject({ inputs: 2, agreed: 0, failedB: 2 });
    expect(disagreements()[0]).toMatchObject({ input: '1.npy', top1B: null, cosine: 0, outputB: [] });
    expect(disagreements()[0]?.reason).not.toBe('');
  });

  test('compares outputs that are no scores by how far apart they are', async () => {
    const near = makeOrderModel([0], 1.05);
    const { put, run } = await setUp([makeOrderModel([0]), near]);
    put('1.npy', encodeNpy({ shape: [1, 1], values: Float32Array.of(2) }));
    const { counts } = await run();
    expect(counts).toMatchObject({ inputs: 1, agreed: 1, by: 'outputs' });
    expect(counts.largestDifference).toBeCloseTo(0.1, 5);
    const far = makeOrderModel([0], 1.2);
    const other = await setUp([makeOrderModel([0]), far]);
    other.put('1.npy', encodeNpy({ shape: [1, 1], values: Float32Array.of(2) }));
    expect((await other.run()).counts).toMatchObject({ inputs: 1, agreed: 0 });
  });

  test('does not begin with folders that cannot be worked with', async () => {
    const { folder, inputs, run } = await setUp();
    expect((await run({ inputs: join(folder, 'none') })).refused).toContain('ENOENT');
    expect((await run({ inputs: 'inputs' })).refused).toBe('inputs is not an absolute path on the board');
    symlinkSync(inputs, join(folder, 'same'));
    const same = await run({ outputs: join(folder, 'same') });
    expect(same.refused).toContain('would be taken for inputs');
  });

  test('keeps nothing under a name that is none of a trial', async () => {
    const { board, folder, inputs } = await setUp();
    const request = {
      ...{ sha256A: a.sha256, sha256B: b.sha256, trial: '../../out', modelName: 'a.onnx' },
      settings: { threads: 1, level: 'all' },
      ...{ inputs, outputs: null, most: 0, watch: false },
    } as const;
    expect(await board.trial(request, () => undefined)).toMatchObject({ ok: false });
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});
