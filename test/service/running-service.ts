import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { WindowMessage } from '../../electron/contract/calls.ts';
import { type Service, type ServiceOptions, startService } from '../../electron/service/server.ts';
import { type ControlledApi, controlApi } from './controlled-api.ts';

/** A service on a folder of its own that goes with the test. */
export interface RunningService extends Service {
  readonly control: ControlledApi;
  readonly stateFolder: string;
  readonly out: string;
  readonly bugs: unknown[];
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-service-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a service whose window is two small files. */
export async function runService(options: Partial<ServiceOptions> = {}): Promise<RunningService> {
  const folder = temporaryFolder();
  const rendererFolder = join(folder, 'renderer');
  const stateFolder = join(folder, 'state');
  const out = join(folder, 'out');
  mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
  mkdirSync(out);
  writeFileSync(join(rendererFolder, 'index.html'), '<!doctype html><title>window</title>');
  writeFileSync(join(rendererFolder, 'assets', 'main-a1b2.js'), 'console.log(1)');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'secret'), 'secret');
  const control = controlApi(out);
  const bugs: unknown[] = [];
  const service = await startService({
    api: control.api,
    stateFolder,
    rendererFolder,
    face: 'browser',
    printer: null,
    logBug: async (bug) => `log-${bugs.push(bug)}`,
    ...options,
  });
  onTestFinished(() => service.close());
  return { ...service, control, stateFolder, out, bugs };
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request just as it is given, the path unchanged. */
export function send(
  { port }: Pick<Service, 'port'>,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends a request line that no client would make; gives the whole answer as text. */
export function sendRaw({ port }: Pick<Service, 'port'>, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

/** Opens the link; gives the cookie that it brings. */
export async function openLink(service: Service, url: string = service.url): Promise<string> {
  const { search } = new URL(url);
  const reply = await send(service, `/${search}`);
  const [cookie] = reply.headers['set-cookie'] ?? [];
  if (cookie === undefined) throw new Error(`No cookie: ${reply.status} ${reply.body}`);
  return cookie.split(';')[0] ?? '';
}

/** A window that is connected, and what it was told. */
export interface Window {
  readonly messages: readonly WindowMessage[];
  readonly socket: WebSocket;
  /** Calls; gives the result. */
  call(call: string, args: unknown): Promise<unknown>;
  /** Resolves once a message is there, among those that came before too. */
  until(matches: (message: WindowMessage) => boolean): Promise<WindowMessage>;
}

/** Connects a window; rejects with the status when it is not let in. */
export function connectWindow(
  { port }: Pick<Service, 'port'>,
  headers: Readonly<Record<string, string>>,
  path = '/socket',
): Promise<Window> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    const messages: WindowMessage[] = [];
    const waiting = new Set<() => void>();
    let lastId = 0;
    onTestFinished(() => socket.terminate());
    const until = (matches: (message: WindowMessage) => boolean): Promise<WindowMessage> =>
      new Promise((found) => {
        const look = (): void => {
          const message = messages.find(matches);
          if (message === undefined) return;
          waiting.delete(look);
          found(message);
        };
        waiting.add(look);
        look();
      });
    const call = async (name: string, args: unknown): Promise<unknown> => {
      lastId += 1;
      const id = lastId;
      socket.send(JSON.stringify({ id, call: name, args }));
      const answer = await until((message) => message.kind === 'answer' && message.id === id);
      return answer.kind === 'answer' ? answer.result : undefined;
    };
    socket.on('message', (data) => {
      messages.push(JSON.parse(data.toString()) as WindowMessage);
      for (const look of [...waiting]) look();
    });
    socket.on('unexpected-response', (_request, response) =>
      reject(new Error(`Refused with ${response.statusCode}`)),
    );
    socket.on('error', reject);
    socket.on('open', () => resolve({ messages, socket, call, until }));
  });
}
