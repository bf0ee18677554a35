import { filePolicy, pagePolicy as policyOfPages } from '../pages/content-policy.ts';
import { appOrigin, isRunFile, isUpload, ownPath, servicePage } from './addresses.ts';
import { securityHeaders } from './headers.ts';
import { readStaticFile } from './static-files.ts';

/** What the protocol's answers are made of. */
export interface AppProtocol {
  /** Folder of the built pages. */
  readonly renderer: string;
  /** Asks the service for `path` and query of one of its files, or gives it one. */
  askService(pathAndQuery: string, init: ServiceRequest): Promise<Response>;
  /** Page to show when the service has ended. */
  servicePage(): string;
  /** Prints a page of ours; null where it cannot. */
  printPdf(address: string): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** What is passed on to the service besides the address. */
export interface ServiceRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers: Record<string, string>;
  readonly body: ReadableStream | null;
}

const pagePolicy = policyOfPages({ connect: [], ancestors: 'none' });

/** Headers of a request and of an answer that mean something at the other end. */
const passedOn = {
  request: ['content-type', 'content-length', 'range', 'accept-language'],
  answer: ['content-type', 'content-length', 'content-disposition', 'content-range', 'accept-ranges'],
} as const;

/** Answers a request of the window: its pages from the built folder, files of runs and uploads through the service. */
export async function answerAppRequest(request: Request, parts: AppProtocol): Promise<Response> {
  const path = ownPath(request.url);
  if (path === null) return plain(404, 'Not found');
  const { method } = request;
  if (isUpload(path)) return method === 'POST' ? passOn(request, 'POST', parts) : plain(405, 'Not allowed');
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Not allowed');
  if (isRunFile(path)) {
    return path.endsWith('/report.pdf') ? givePdf(request, method, parts) : passOn(request, method, parts);
  }
  if (request.url === servicePage) return page(parts.servicePage());
  if (path.startsWith('/-/')) return plain(404, 'Not found');
  const file = await readStaticFile(parts.renderer, path);
  if (file === null) return plain(404, 'Not found');
  return new Response(method === 'HEAD' ? null : file.bytes, {
    headers: { ...securityHeaders(pagePolicy), 'content-type': file.type },
  });
}

/** The report as PDF: the one in the run's folder, else printed here, where a browser engine is always at hand. */
async function givePdf(request: Request, method: 'GET' | 'HEAD', parts: AppProtocol): Promise<Response> {
  const stored = await passOn(request, method, parts);
  if (stored.ok || method === 'HEAD') return stored;
  const { pathname } = new URL(request.url);
  const report = pathname.replace(/\.pdf$/, '.html');
  // A page that says "not found" would print as well.
  const bytes = (await isThere(report, parts)) ? await parts.printPdf(`${appOrigin}${report}`) : null;
  if (bytes === null) return stored;
  return new Response(bytes, {
    headers: {
      ...securityHeaders(filePolicy),
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="report.pdf"',
    },
  });
}

async function isThere(path: string, parts: AppProtocol): Promise<boolean> {
  try {
    const answer = await parts.askService(path, { method: 'GET', headers: {}, body: null });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

async function passOn(
  request: Request,
  method: ServiceRequest['method'],
  parts: AppProtocol,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  let answer: Response;
  try {
    answer = await parts.askService(pathname + search, {
      method,
      headers: pick(request.headers, passedOn.request),
      body: request.body,
    });
  } catch {
    return plain(502, 'The service does not answer');
  }
  const own = answer.headers.get('content-security-policy');
  return new Response(answer.body, {
    status: answer.status,
    headers: { ...securityHeaders(own ?? filePolicy), ...pick(answer.headers, passedOn.answer) },
  });
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

const page = (markup: string): Response =>
  new Response(markup, {
    headers: { ...securityHeaders(pagePolicy), 'content-type': 'text/html; charset=utf-8' },
  });

const plain = (status: number, text: string): Response =>
  new Response(text, {
    status,
    headers: { ...securityHeaders(filePolicy), 'content-type': 'text/plain; charset=utf-8' },
  });
