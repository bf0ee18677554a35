import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { WindowEvent, WindowMessage } from '../contract/calls.ts';
import type { Refusal } from './access.ts';
import type { Answer } from './calls.ts';

/** Where windows connect to. */
export const socketPath = '/socket';

/** What the sockets work with. */
export interface SocketParts {
  readonly server: Server;
  readonly answer: Answer;
  readonly check: (request: IncomingMessage) => Refusal | null;
  /** What a window that has just come is told. */
  readonly welcome: () => readonly WindowEvent[];
}

/** The windows that are connected. */
export interface Sockets {
  tell(event: WindowEvent): void;
  close(): Promise<void>;
}

const largestMessageBytes = 1_000_000;
/** A window that takes nothing any more is let go; when it comes back it gets everything whole. */
const mostWaitingBytes = 64_000_000;
const protocolError = 1002;

const messageSchema = z.strictObject({ id: z.int().min(0), call: z.string().max(100), args: z.unknown() });

/** Takes calls over WebSockets and tells all windows about events. */
export function serveSockets({ server, answer, check, welcome }: SocketParts): Sockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes });

  const send = (socket: WebSocket, message: WindowMessage): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > mostWaitingBytes) socket.terminate();
    else socket.send(JSON.stringify(message));
  };

  const take = async (socket: WebSocket, text: string): Promise<void> => {
    const call = readMessage(text);
    if (call === null) {
      socket.close(protocolError, 'not a call');
      return;
    }
    // A call without arguments may leave them out.
    const result = await answer(call.call, call.args ?? {});
    send(socket, { kind: 'answer', id: call.id, result });
  };

  sockets.on('connection', (socket: WebSocket) => {
    // Whoever breaks the protocol is let go by `ws` itself; nothing is left to be done here.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.close(protocolError, 'not a call');
      else void take(socket, data.toString());
    });
    for (const event of welcome()) send(socket, { kind: 'event', event });
  });

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => undefined);
    const refusal = check(request);
    if (refusal !== null) refuse(stream, refusal.status, refusal.sentence);
    else if (request.url !== socketPath) refuse(stream, 404, 'There is nothing here.');
    else
      sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request));
  });

  return {
    tell(event) {
      for (const socket of sockets.clients) send(socket, { kind: 'event', event });
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets.clients) socket.terminate();
        sockets.close(() => resolve());
      }),
  };
}

function readMessage(text: string): z.infer<typeof messageSchema> | null {
  try {
    const parsed = messageSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function refuse(stream: Duplex, status: number, sentence: string): void {
  const body = `${sentence}\n`;
  stream.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    () => stream.destroy(),
  );
}
