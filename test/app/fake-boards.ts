import type { Board } from '../../electron/board/board.ts';
import type { connectBoard } from '../../electron/board/connect.ts';
import type { AppError, BoardError } from '../../electron/contract/errors.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import type { BoardReading } from '../../electron/runner/board-reading.ts';
import type { BoardIdentity, TimeRequest } from '../../electron/runner/protocol.ts';
import { calmReading, piInventory } from '../board/readings.ts';

/** A pretended board; what it was asked is counted. */
export interface FakeBoard {
  readonly address: string;
  readonly identity: BoardIdentity;
  readonly asked: { time: number; profile: number; peakMemory: number };
  readonly timed: string[];
  closed: boolean;
  /** Every request fails with this from now on; null: none does. */
  failing: BoardError | null;
}

/** How a pretended board takes models; `us` by the sha256 of a model, null: its runtime refuses it. */
export interface FakeTraits {
  readonly id: string;
  readonly name?: string;
  readonly us: (sha256: string) => number | null;
  /** What the second of three models takes more than it should: a control that tells of noise. Default 1. */
  readonly controlFactor?: number;
  readonly peakMemoryBytes?: number | null;
  /** What is not calm about it. */
  readonly reading?: Partial<BoardReading>;
  /** Fails in place of connecting. */
  readonly unreachable?: BoardError;
}

/** Pretended boards at their addresses, and the way to connect to them. */
export function fakeBoards(traits: Readonly<Record<string, FakeTraits>>): {
  readonly boards: ReadonlyMap<string, FakeBoard>;
  readonly connectBoard: typeof connectBoard;
} {
  const boards = new Map<string, FakeBoard>();
  for (const [address, { id, name = id }] of Object.entries(traits))
    boards.set(address, {
      address,
      identity: {
        id,
        name,
        arch: 'arm64',
        cpu: 'Cortex-A72',
        cores: 4,
        memoryBytes: 4e9,
        os: 'Linux',
        nodeVersion: '24.0.0',
        runtimeVersion: '1.30.0',
        serialNumber: null,
      },
      asked: { time: 0, profile: 0, peakMemory: 0 },
      timed: [],
      closed: false,
      failing: null,
    });
  return {
    boards,
    connectBoard: async ({ address }) => {
      const [board, trait] = [boards.get(address), traits[address]];
      if (!board || !trait) throw new Error(`No board at ${address}`);
      return trait.unreachable ? fail(trait.unreachable) : ok(boardOver(board, trait));
    },
  };
}

const conditions = {
  governor: 'performance',
  clockMHz: [1500],
  temperatureC: 50,
  throttled: false,
  load1: 0.1,
} as const;

type Asked = Pick<
  Board,
  | 'address'
  | 'identity'
  | 'installedBytes'
  | 'conditions'
  | 'inventory'
  | 'reading'
  | 'putModels'
  | 'time'
  | 'profile'
  | 'peakMemory'
  | 'close'
>;

function boardOver(
  fake: FakeBoard,
  { us, controlFactor = 1, peakMemoryBytes = null, reading = {} }: FakeTraits,
): Board {
  const asking = <T>(what: keyof FakeBoard['asked'], answer: () => T) => {
    if (fake.failing) return fail(fake.failing);
    fake.asked[what] += 1;
    return ok(answer());
  };
  const board: Asked = {
    address: fake.address,
    identity: fake.identity,
    installedBytes: 0,
    conditions: async () => ok(conditions),
    inventory: async () => (fake.failing ? fail(fake.failing) : ok(piInventory)),
    reading: async () => (fake.failing ? fail(fake.failing) : ok({ ...calmReading, ...reading })),
    putModels: async () => (fake.failing ? fail(fake.failing) : ok(undefined)),
    time: async (request, signal) => {
      if (signal?.aborted) return fail({ kind: 'cancelled' });
      return asking('time', () => {
        fake.timed.push(...request.sha256s);
        const times = request.sha256s.map(us);
        const isClaim = times.length === 3;
        return timesOf(
          request,
          times.map((time, i) => (time !== null && isClaim && i === 1 ? time * controlFactor : time)),
        );
      });
    },
    profile: async ({ sha256, iterations }) => {
      const time = us(sha256);
      if (time === null) return fail({ kind: 'modelFailsToRun', path: sha256, reason: 'it is refused' });
      const calls = new Array<number>(iterations).fill(time);
      const event = { name: 'dense0', type: 'MatMul', callsUs: calls, outputBytes: 4, parameterBytes: 0 };
      return asking('profile', () => ({
        cleanUs: calls,
        instrumentedUs: calls,
        events: [event],
        optimizedModel: new Uint8Array(),
      }));
    },
    peakMemory: async () => {
      if (peakMemoryBytes === null && !fake.failing)
        return fail({ kind: 'modelFailsToRun', path: '', reason: 'not told' });
      return asking('peakMemory', () => peakMemoryBytes ?? 0);
    },
    close: async () => {
      fake.closed = true;
    },
  };
  // What a run does not ask of a board is not pretended.
  return board as Board;
}

/** Times that differ a little from block to block, the same each time. */
function timesOf({ blocks }: TimeRequest, us: readonly (number | null)[]) {
  const at = (block: number): number[] =>
    us.map((time, i) => (time === null ? Number.NaN : time * (1 + (((block * 3 + i) % 5) - 2) / 1000)));
  return {
    blocks: Array.from({ length: blocks }, (_, block) => ({ wallUs: at(block), cpuUs: at(block) })),
    iterations: us.map(() => 1),
    callsUs: us.map((time) => (time === null ? [] : [time, time * 1.01, time * 1.02])),
    dropped: [],
    failed: us.flatMap((time, model) => (time === null ? [{ model, reason: 'no such operator' }] : [])),
    conditions,
  };
}

/** The failure of a board whose link is gone. */
export const lostAt = (board: string): Extract<AppError, { kind: 'boardLost' }> => ({
  kind: 'boardLost',
  board,
  reason: 'the link was cut',
});
