import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Api } from '../contract/api.ts';
import { callArguments } from '../contract/calls.ts';
import { filePolicy } from '../pages/content-policy.ts';
import { printPdf } from './print-pdf.ts';
import { type OpenFile, openFile } from './static-files.ts';

/** Files of a run that can be had, with their types; nothing else in its folder is served. */
const types: Readonly<Record<string, string>> = {
  'report.html': 'text/html; charset=utf-8',
  'report.pdf': 'application/pdf',
  'measurements.csv': 'text/csv; charset=utf-8',
  'result.json': 'application/json',
  'optimized.onnx': 'application/octet-stream',
};

/** Shown in the window; the others are saved. */
const shown = new Set(['report.html', 'measurements.csv', 'result.json']);

/** Serves the files of runs: `GET /runs/:run/:name[?download]`; `otherwise` answers what is no such file's path. */
export function serveRunFiles(
  server: FastifyInstance,
  api: Pick<Api, 'query'>,
  printer: string | null,
  otherwise: (reply: FastifyReply) => Promise<FastifyReply>,
): void {
  // One print at a time: each is a browser of its own.
  let lastPrint: Promise<unknown> = Promise.resolve();
  const print = (engine: string, htmlPath: string): Promise<OpenFile | string> => {
    const printed = lastPrint.then(() => printPdf(engine, htmlPath));
    lastPrint = printed.catch(() => undefined);
    return printed;
  };

  server.get<{
    Params: { run: string; name: string };
    Querystring: Readonly<Record<string, string | undefined>>;
  }>('/runs/:run/:name', async (request, reply) => {
    const { run, name } = request.params;
    const type = Object.hasOwn(types, name) ? types[name] : undefined;
    if (type === undefined) return name.includes('.') ? notThere(reply) : otherwise(reply);
    const asked = callArguments['runs.get'].safeParse({ run });
    if (!asked.success) return notThere(reply);
    const detail = await api.query('runs.get', asked.data);
    if (!detail.ok) return notThere(reply);
    const folder = detail.value.summary.out;

    let file = await openFile(join(folder, name));
    if (file === null && name === 'report.pdf') {
      const report = await openFile(join(folder, 'report.html'));
      report?.stream.destroy();
      if (report === null) return notThere(reply);
      if (printer === null)
        return say(
          reply,
          501,
          'No Chromium, Chrome or Edge was found on this computer to print the report: install one of them, or open report.html and print it from there.',
        );
      const printed = await print(printer, join(folder, 'report.html'));
      if (typeof printed === 'string')
        return say(
          reply,
          500,
          `The report could not be printed (${printed}): open report.html and print it from there.`,
        );
      file = printed;
    }
    if (file === null) return notThere(reply);
    const saved = request.query.download !== undefined || !shown.has(name);
    reply
      .headers({
        'content-type': type,
        'content-length': file.sizeBytes,
        'content-security-policy': filePolicy,
        'cache-control': 'no-store',
        'content-disposition': `${saved ? 'attachment' : 'inline'}; filename="${name}"`,
      })
      // A sandboxed document that asked for a group of its own would not be shown at all.
      .removeHeader('cross-origin-opener-policy');
    return reply.send(file.stream);
  });
}

/** Answers with one sentence for a person. */
export function say(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply
    .code(status)
    .headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .send(`${sentence}\n`);
}

/** Answers that there is nothing of this name. */
export const notThere = (reply: FastifyReply): FastifyReply => say(reply, 404, 'There is nothing here.');
