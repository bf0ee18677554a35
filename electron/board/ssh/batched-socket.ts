import { Socket } from 'node:net';

/**
 * Connects a socket that sends everything written in one turn together. The SSH library writes every packet as three
 * pieces: without this each is a system call, and either a TCP segment of 4 bytes or, by Nagle's algorithm, 40 ms of
 * waiting for the one before.
 */
export function connectBatched(host: string, port: number): Socket {
  const socket = new Socket();
  socket.setNoDelay(true);
  // Connecting puts the usual `write` back, so it comes first.
  socket.connect({ host, port });
  const write: Socket['write'] = socket.write.bind(socket);
  socket.write = (...parameters: unknown[]): boolean => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    return write(...(parameters as Parameters<Socket['write']>));
  };
  return socket;
}
