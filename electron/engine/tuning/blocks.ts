import { ProgramBuilder } from '../instructions/builder.ts';
import { lowerToModel } from '../instructions/lower.ts';
import { bind, type Program, sizeOf } from '../instructions/program.ts';
import { waves } from './gradient-forms.ts';
import { type Dense, openSession } from './runtime.ts';

/** Channels in a block of the layouts that runtimes have, the wide vectors first. */
const candidates = [16, 8];
const batch = 2;
const opset = 17;

let known: Promise<number | null> | undefined;

/**
 * Channels in a block of the runtime's own layout on this computer, tried once in a process; null where the runtime
 * has no such layout, or where it does not give what the plain one gives.
 */
export function blockHere(): Promise<number | null> {
  known ??= tried();
  return known;
}

async function tried(): Promise<number | null> {
  for (const block of candidates) if (await hasBlocksOf(block)) return block;
  return null;
}

/** Few channels → whole blocks → depthwise → more blocks than one, with an activation and what lies between. */
function probe(): Program {
  const b = new ProgramBuilder();
  const same = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 };
  const x = b.input('x', [-1, 3, 5, 6]);
  const first = b.add('relu', [b.add('conv', [x, b.parameter('w1', [32, 3, 3, 3])], same)], {});
  const deep = b.add('conv', [first, b.parameter('w2', [32, 1, 3, 3])], { ...same, groups: 32 });
  const joined = b.add('mul', [deep, first], {});
  return b.build([b.add('conv', [joined, b.parameter('w3', [48, 32, 3, 3])], same)]);
}

/** True where the runtime gives on blocks of so many channels what it gives without. */
export async function hasBlocksOf(block: number): Promise<boolean> {
  const program = probe();
  const feeds: Record<string, Dense> = {};
  for (const { op, attributes } of program.instructions)
    if (op === 'input' || op === 'parameter')
      feeds[attributes.name] = {
        shape: bind(attributes.shape, batch),
        data: waves(sizeOf(attributes.shape, batch)),
      };
  const run = async (own: number | null): Promise<Float32Array> => {
    const session = await openSession(lowerToModel(program, new Map(), { opset, batch, block: own }), 1);
    try {
      return (await session.run(feeds))[session.outputs[0]!]!.data;
    } finally {
      await session.release();
    }
  };
  const wanted = await run(null);
  try {
    const own = await run(block);
    return wanted.every((y, i) => Math.abs(y - own[i]!) <= 1e-4 * (1 + Math.abs(y)));
  } catch {
    // A runtime without this layout refuses its operators.
    return false;
  }
}
