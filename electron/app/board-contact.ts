import type { BoardContact } from '../board/contact.ts';
import type { Listener } from '../contract/api.ts';
import { tellInstallation } from './install-progress.ts';

/**
 * How a connect reaches the listener of a job: it stops, asks, warns and tells the installation there. `onKeyAccepted`
 * is called once a person took a board's key.
 */
export function contactOf(listener: Listener, onKeyAccepted: () => void): BoardContact {
  return {
    signal: listener.signal,
    ask: listener.ask,
    onWarning: (warning) => listener.onEvent({ kind: 'warning', warning }),
    async confirmHostKey(board, fingerprint) {
      const accepted = await listener.confirmHostKey(board, fingerprint);
      if (accepted) onKeyAccepted();
      return accepted;
    },
    ...tellInstallation(listener.onEvent),
  };
}
