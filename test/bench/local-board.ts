import type { Board } from '../../electron/board/board.ts';
import { connectBoard } from '../../electron/board/connect.ts';
import { need } from './timed-together.ts';

/** This computer as the board. Throws where it cannot be. */
export async function openLocalBoard(stateFolder: string): Promise<Board> {
  const contact = { signal: new AbortController().signal, confirmHostKey: async () => false };
  return need(await connectBoard({ address: 'local' }, contact, { stateFolder }));
}
