import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FastifyError, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import manifest from '../../package.json' with { type: 'json' };
import type { Api } from '../contract/api.ts';
import type { Changed } from '../contract/calls.ts';
import { fail } from '../contract/result.ts';
import type { AppInfo } from '../contract/views.ts';
import { logBug as logBugIn } from '../state/crash-log.ts';
import { createAccess } from './access.ts';
import { makeCalls } from './calls.ts';
import { pageHeaders } from './headers.ts';
import { createJobs } from './jobs.ts';
import { findPrinter } from './print-pdf.ts';
import { notThere, say, serveRunFiles } from './run-files.ts';
import { serveSockets } from './socket.ts';
import { findStaticFile } from './static-files.ts';
import { makeThrottle } from './throttle.ts';
import { receiveUpload, removeUnfinishedUploads, uploadLimitBytes } from './uploads.ts';

/** What a service is started with; all but the first three have defaults. */
export interface ServiceOptions {
  /** The app; it is closed with the service. */
  readonly api: Api;
  /** Folder of the app's state; uploads and logs go there as well. */
  readonly stateFolder: string;
  readonly face: AppInfo['face'];
  /** The built window. */
  readonly rendererFolder?: string;
  /** 0: any that is free. */
  readonly port?: number;
  /** Program that prints reports; null: none. */
  readonly printer?: string | null;
  readonly now?: () => Date;
  /** Logs a bug; returns what to find the log entry by. */
  readonly logBug?: (bug: unknown) => Promise<string>;
}

/** A service that listens on loopback. */
export interface Service {
  /** Opens the window in a browser, once. */
  readonly url: string;
  /** `Authorization: Bearer TOKEN` opens everything to the process that started the service for Electron. */
  readonly token: string;
  readonly port: number;
  /** Another link that opens the window once. */
  newUrl(): string;
  /** Ends running jobs so that they can go on later, then the app and the server. */
  close(): Promise<void>;
}

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const loopback = '127.0.0.1';
const changeEveryMs = 200;
const uploadId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Starts serving the app to windows on this computer, and to nobody else. Throws when it cannot listen. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { api, stateFolder, face, rendererFolder = inProject('dist/renderer') } = options;
  const { printer = findPrinter(), now = () => new Date() } = options;
  const { logBug = (bug: unknown) => logBugIn(stateFolder, bug) } = options;
  const uploadFolder = join(stateFolder, 'uploads');
  let port = options.port ?? 0;
  const access = createAccess({ port: () => port, acceptBearer: face === 'electron' });

  const jobs = createJobs({
    api,
    logBug,
    now,
    onUpdate: (job) => sockets.tell({ kind: 'job', job }),
  });
  const info = (): AppInfo => ({
    version: manifest.version,
    face,
    platform: process.platform,
    stateFolder,
    sample: {
      modelPath: inProject('resources/sample/model.onnx'),
      dataPath: inProject('resources/sample/data'),
    },
    canChooseFiles: face === 'electron',
    canPrintPdf: printer !== null,
    secrets: { kept: false, backend: 'none' },
  });

  const server = fastify({
    forceCloseConnections: true,
    bodyLimit: uploadLimitBytes,
    // A path that cannot be decoded names nothing.
    frameworkErrors: (_error, _request, reply) => {
      notThere(reply.headers(pageHeaders(port)));
    },
  });
  // Bodies are streams of bytes, whatever they say they are.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', (_request, _payload, done) => done(null));

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(pageHeaders(port));
    const wrongHost = access.checkHost(request.headers);
    if (wrongHost !== null) return say(reply, wrongHost.status, wrongHost.sentence);
    const linkToken = linkTokenOf(request);
    if (linkToken !== null) {
      const cookie = access.redeem(linkToken);
      if (cookie !== null)
        return reply
          .code(303)
          .headers({ 'set-cookie': cookie, location: '/', 'cache-control': 'no-store' })
          .send();
      // Somebody who is in already may have opened the link again.
    }
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    const refusal = access.check(request.headers, changes);
    if (refusal !== null) return say(reply, refusal.status, refusal.sentence);
    return undefined;
  });

  server.setErrorHandler<FastifyError>(async (error, _request, reply) => {
    // Malformed headers are not our bug.
    if (error.statusCode !== undefined && error.statusCode < 500)
      return say(reply, error.statusCode, 'This request is malformed, so nothing was done.');
    const logId = await logBug(error);
    return reply.code(500).send(fail({ kind: 'internal', logId }));
  });

  const sendStatic = async (reply: FastifyReply): Promise<FastifyReply> => {
    const { method, url = '/' } = reply.request.raw;
    if (method !== 'GET' && method !== 'HEAD') return notThere(reply);
    const file = await findStaticFile(rendererFolder, url.split(/[?#]/, 1)[0] ?? '/');
    if (file === null) return notThere(reply);
    reply.headers({
      'content-type': file.type,
      'content-length': file.sizeBytes,
      'cache-control': file.isLasting ? 'private, max-age=31536000, immutable' : 'no-store',
    });
    if (method === 'GET') return reply.send(file.stream);
    file.stream.destroy();
    return reply.send();
  };
  server.setNotFoundHandler((_request, reply) => sendStatic(reply));

  serveRunFiles(server, api, printer, sendStatic);

  server.post<{
    Params: { what: string; upload: string };
    Querystring: Readonly<Record<string, string | string[] | undefined>>;
  }>('/uploads/:what/:upload', async (request, reply) => {
    const { what, upload } = request.params;
    const { name } = request.query;
    if ((what !== 'model' && what !== 'data') || !uploadId.test(upload) || typeof name !== 'string')
      return notThere(reply);
    const announced = Number(request.headers['content-length']);
    const sizeBytes = Number.isSafeInteger(announced) ? announced : null;
    const received = await receiveUpload(uploadFolder, { what, upload, name, sizeBytes, body: request.raw });
    return reply.code(received.ok ? 200 : 400).send(received);
  });

  const sockets = serveSockets({
    server: server.server,
    answer: makeCalls({ api, jobs, info, logBug }),
    check: (request) => access.check(request.headers, true),
    welcome: () => jobs.list().map((job) => ({ kind: 'job', job })),
  });
  const changes = makeThrottle(changeEveryMs, (what) =>
    // Marked below with nothing else.
    sockets.tell({ kind: 'changed', what: what as Changed }),
  );
  const stopListening = api.onChange((what) => changes.mark(what));

  await removeUnfinishedUploads(uploadFolder);
  await server.listen({ host: loopback, port });
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('The service listens on no port');
  port = address.port;
  const newUrl = (): string => `http://${loopback}:${port}/?token=${access.newLinkToken()}`;

  return {
    url: newUrl(),
    token: access.token,
    port,
    newUrl,
    async close() {
      stopListening();
      await jobs.close();
      changes.close();
      await sockets.close();
      await server.close();
      await api.close();
    },
  };
}

/** The secret of a link that is being opened, or null. */
function linkTokenOf({ method, raw }: FastifyRequest): string | null {
  if (method !== 'GET' || raw.url?.startsWith('/?') !== true) return null;
  return new URLSearchParams(raw.url.slice(2)).get('token');
}
