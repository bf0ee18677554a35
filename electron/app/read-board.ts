import type { BoardChoice, Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { BoardConcern, BoardState, ConnectedBoard } from '../contract/views.ts';
import type { BoardConditions } from '../runner/protocol.ts';
import { connect } from './connecting.ts';
import { type AppParts, orCancelled } from './parts.ts';

/** From here on a board is hot enough to throttle soon. */
const hotC = 80;
/** From here on what else runs on the board disturbs a measurement. */
const busyLoadPerCore = 0.5;
const steadyClock = 'sudo cpupower frequency-set -g performance';

/** Connects, installs the runner where it is missing, reads the board's state, and closes; see `Api.connect`. */
export async function readBoard(
  parts: AppParts,
  choice: BoardChoice,
  listener: Listener,
): Promise<Result<ConnectedBoard, AppError>> {
  const started = performance.now();
  const connected = await connect(parts, choice, listener);
  if (!connected.ok) return orCancelled(connected, listener);
  const board = connected.value;
  try {
    const { address, identity, installedBytes } = board;
    const conditions = await board.conditions(listener.signal);
    if (!conditions.ok) return orCancelled(conditions, listener);
    return ok({
      address,
      identity,
      installedBytes,
      seconds: (performance.now() - started) / 1000,
      state: boardState(conditions.value, identity.cores),
    });
  } finally {
    await board.close();
  }
}

/** The state of a board with what of it would spoil a measurement, worst first. */
export function boardState(conditions: BoardConditions, cores: number): BoardState {
  const { governor, temperatureC, throttled, load1 } = conditions;
  const concerns: (BoardConcern | false)[] = [
    throttled === true && { kind: 'throttled', value: '', command: null },
    temperatureC !== null &&
      temperatureC >= hotC && { kind: 'temperature', value: `${temperatureC.toFixed(0)} °C`, command: null },
    load1 / cores > busyLoadPerCore && {
      kind: 'load',
      value: `${load1.toFixed(2)} / ${cores}`,
      command: null,
    },
    governor !== null &&
      governor !== 'performance' && { kind: 'governor', value: governor, command: steadyClock },
  ];
  return { ...conditions, concerns: concerns.filter((concern) => concern !== false) };
}
