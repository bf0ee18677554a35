import type {
  CallArguments,
  CallMessage,
  CallName,
  CallResult,
  WindowEvent,
  WindowMessage,
} from '../../electron/contract/calls.ts';
import type { Connection } from './connection.ts';

const firstRetryMs = 250;
const longestRetryMs = 5_000;

/** A connection over a WebSocket that opens itself again; calls made meanwhile wait for it. */
export function openSocketBridge(url: string): Connection {
  const listeners = new Set<(event: WindowEvent) => void>();
  const onlineListeners = new Set<(online: boolean) => void>();
  const waiting = new Map<number, { readonly message: CallMessage; resolve(value: unknown): void }>();
  let socket: WebSocket | null = null;
  let online = false;
  let nextId = 1;
  let retryMs = firstRetryMs;

  const setOnline = (now: boolean): void => {
    if (now === online) return;
    online = now;
    for (const listener of onlineListeners) listener(now);
  };
  const open = (): void => {
    const opening = new WebSocket(url);
    socket = opening;
    opening.addEventListener('open', () => {
      retryMs = firstRetryMs;
      for (const { message } of waiting.values()) opening.send(JSON.stringify(message));
      // Last: who hears of it makes calls, and these are sent by themselves.
      setOnline(true);
    });
    opening.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as WindowMessage;
      if (message.kind === 'event') {
        for (const listener of listeners) listener(message.event);
        return;
      }
      waiting.get(message.id)?.resolve(message.result);
      waiting.delete(message.id);
    });
    opening.addEventListener('close', () => {
      setOnline(false);
      setTimeout(open, retryMs);
      retryMs = Math.min(longestRetryMs, retryMs * 2);
    });
  };
  open();
  return {
    call: <N extends CallName>(name: N, args: CallArguments<N>) =>
      new Promise<CallResult<N>>((resolve) => {
        const message: CallMessage = { id: nextId++, call: name, args };
        waiting.set(message.id, { message, resolve: (value) => resolve(value as CallResult<N>) });
        if (online) socket?.send(JSON.stringify(message));
      }),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onOnline: (listener) => {
      onlineListeners.add(listener);
      listener(online);
      return () => onlineListeners.delete(listener);
    },
  };
}
