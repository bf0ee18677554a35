import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a server that can misbehave on command. */
export interface FaultProxy {
  readonly port: number;
  /** Resets both sides of every connection once this many more bytes went to the server. */
  resetAfter(bytes: number): void;
  /** From this many more bytes to the server on, swallows everything in both directions, silently. */
  blackHoleAfter(bytes: number): void;
  /** When a fault began, as `performance.now()` counts; null before. */
  faultMs(): number | null;
  stop(): Promise<void>;
}

/** Starts a proxy to a loopback port. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let fault: 'reset' | 'black hole' | null = null;
  let faultMs: number | null = null;
  let leftBytes = Number.POSITIVE_INFINITY;

  const server = createServer((inside) => {
    const outside = connect(targetPort, '127.0.0.1');
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    const due = (): boolean => fault !== null && leftBytes <= 0;
    inside.on('data', (chunk: Buffer) => {
      leftBytes -= chunk.length;
      if (!due()) {
        // Back-pressure is kept, or the whole upload would sit in this process.
        if (!outside.write(chunk)) {
          inside.pause();
          outside.once('drain', () => inside.resume());
        }
      } else {
        faultMs ??= performance.now();
        if (fault === 'reset') for (const socket of sockets) socket.resetAndDestroy();
        else inside.pause();
      }
    });
    outside.on('data', (chunk: Buffer) => {
      if (!due()) inside.write(chunk);
    });
    inside.on('end', () => outside.end());
    outside.on('end', () => inside.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    resetAfter(bytes) {
      fault = 'reset';
      leftBytes = bytes;
    },
    blackHoleAfter(bytes) {
      fault = 'black hole';
      leftBytes = bytes;
    },
    faultMs: () => faultMs,
    async stop() {
      for (const socket of sockets) socket.destroy();
      // A second stop finds it closed already.
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
