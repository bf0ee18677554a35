import type { BoardChoice, Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { ConnectedBoard } from '../contract/views.ts';
import { boardState } from './board-concerns.ts';
import { connect } from './connecting.ts';
import { type AppParts, orCancelled } from './parts.ts';

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
    const inventory = await board.inventory(listener.signal);
    if (!inventory.ok) return orCancelled(inventory, listener);
    const reading = await board.reading(listener.signal);
    if (!reading.ok) return orCancelled(reading, listener);
    return ok({
      address,
      identity,
      installedBytes,
      seconds: (performance.now() - started) / 1000,
      state: boardState(reading.value, identity.cores),
      inventory: inventory.value,
    });
  } finally {
    await board.close();
  }
}
