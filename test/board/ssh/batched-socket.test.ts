import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connectBatched } from '../../../electron/board/ssh/batched-socket.ts';

it('sends what is written in one turn by one call of the system', async () => {
  const received: Buffer[] = [];
  const server = createServer((socket) => socket.on('data', (chunk: Buffer) => received.push(chunk)));
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  // What a stream is made of is not in its types.
  const inside = Socket.prototype as unknown as Record<'_write' | '_writev', () => void>;
  const single = vi.spyOn(inside, '_write');
  const together = vi.spyOn(inside, '_writev');
  onTestFinished(() => void vi.restoreAllMocks());

  const socket = connectBatched('127.0.0.1', address.port);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  for (let turn = 0; turn < 2; turn++) {
    for (const text of ['a', 'bc', 'd']) socket.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await vi.waitFor(() => expect(Buffer.concat(received).toString()).toBe('abcdabcd'));
  expect(together).toHaveBeenCalledTimes(2);
  expect(single).not.toHaveBeenCalled();
});
