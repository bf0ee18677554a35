// Stands in for electron/browser.ts --for-electron: same first line, same socket, and answers that a test can foresee.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

const token = 'a-token-of-the-stand-in-service';
const isOurs = (headers: { readonly authorization?: string | undefined }): boolean =>
  headers.authorization === `Bearer ${token}`;

const server = createServer((request, response) => {
  if (!isOurs(request.headers)) {
    response.writeHead(401).end();
    return;
  }
  if (request.method === 'POST') {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.end(JSON.stringify({ url: request.url, bytes })));
    return;
  }
  if (request.url === '/runs/r1/report.html') {
    response.writeHead(200, { 'content-type': 'text/html', 'x-internal': 'secret' }).end('<h1>Report</h1>');
    return;
  }
  response.writeHead(404).end();
});
const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  if (request.url !== '/socket' || !isOurs(request.headers)) {
    socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    return;
  }
  sockets.handleUpgrade(request, socket, head, (opened) =>
    opened.on('message', (data) => answer(opened, data)),
  );
});

function answer(socket: WebSocket, data: unknown): void {
  const { id, call, args } = JSON.parse(String(data));
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  const job = (state: string): void =>
    send({ kind: 'event', event: { kind: 'job', job: { id: 'j1', state } } });
  switch (call) {
    case 'app.info':
      send({
        kind: 'answer',
        id,
        result: { ok: true, value: { version: '1', face: 'browser', stateFolder: '/s' } },
      });
      return;
    case 'settings.get':
      send({ kind: 'answer', id, result: { ok: true, value: { language: 'ja' } } });
      return;
    case 'runs.resume':
      job('running');
      send({ kind: 'answer', id, result: { ok: true, value: null } });
      return;
    case 'jobs.cancel':
      if (args.job === 'die') {
        process.stderr.write('the <b>stand-in</b> died\n', () => process.exit(3));
        return;
      }
      job('cancelled');
      send({ kind: 'answer', id, result: { ok: true, value: null } });
      return;
    default:
      send({ kind: 'answer', id, result: { ok: true, value: { call, args } } });
  }
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}/?token=once`, token, port })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
