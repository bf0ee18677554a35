import { WebSocket } from 'ws';
import type { CallMessage, CallName, WindowEvent, WindowMessage } from '../contract/calls.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import type { ServiceAddress } from './service-process.ts';

/** An open socket to the service. */
export interface ServiceLink {
  call(name: CallName, args: unknown): Promise<Result<unknown, AppError>>;
  /** Resolves when the socket is gone. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Opens the socket to a service that listens; throws when it does not let us in. */
export async function openServiceLink(
  address: ServiceAddress,
  onEvent: (event: WindowEvent) => void,
): Promise<ServiceLink> {
  const url = new URL('/socket', address.url);
  url.protocol = 'ws:';
  const socket = new WebSocket(url, {
    headers: { authorization: `Bearer ${address.token}` },
    perMessageDeflate: false,
    maxPayload: 256 * 2 ** 20,
  });
  const waiting = new Map<number, (result: Result<unknown, AppError>) => void>();
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const answer of waiting.values()) answer(serviceEnded);
      waiting.clear();
      resolve();
    });
  });
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as WindowMessage; // the service is of the same build
    if (message.kind === 'event') return onEvent(message.event);
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  // After it has opened, an error is followed by its close, which says all.
  socket.on('error', () => undefined);
  let lastId = 0;
  return {
    call(name, args) {
      if (socket.readyState !== WebSocket.OPEN) return Promise.resolve(serviceEnded);
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        socket.send(JSON.stringify({ id, call: name, args } satisfies CallMessage));
      });
    },
    closed,
    close: () => socket.close(),
  };
}

/** The answer to a call when there is no service. */
export const serviceEnded = fail<AppError>({ kind: 'engineDied', reason: 'the service ended' });
