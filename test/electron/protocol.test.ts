import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type AppProtocol,
  answerAppRequest,
  type ServiceRequest,
} from '../../electron/shell/app-protocol.ts';
import { openShell, temporaryFolder } from './shell-setup.ts';

interface Asked extends ServiceRequest {
  readonly path: string;
}

/** The protocol over a folder with one page, and a service that has one report. */
function setUp(parts: Partial<AppProtocol> = {}) {
  const folder = temporaryFolder();
  const renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'index.html'), '<!doctype html>page');
  writeFileSync(join(renderer, 'assets', 'app.js'), 'export {};');
  writeFileSync(join(renderer, 'notes.exe'), 'not for pages');
  writeFileSync(join(folder, 'secret.html'), 'secret');
  const asked: Asked[] = [];
  const protocol: AppProtocol = {
    renderer,
    async askService(path, request) {
      asked.push({ path, ...request });
      if (path.endsWith('.pdf')) return new Response('no printer', { status: 501 });
      if (path.endsWith('/gone.html')) return new Response('', { status: 404 });
      return new Response('from the service', {
        status: 200,
        headers: { 'content-type': 'text/html', 'set-cookie': 'a=b', 'x-internal': '1' },
      });
    },
    servicePage: () => 'the service has ended',
    printPdf: async (address) => new TextEncoder().encode(`pdf of ${address}`),
    ...parts,
  };
  const get = (path: string, init?: RequestInit): Promise<Response> =>
    answerAppRequest(new Request(`app://fieldtune${path}`, init), protocol);
  return { folder, get, asked, protocol };
}

test('fault 47: whatever climbs out of the pages is not found', async () => {
  const { get, protocol, asked } = setUp();
  for (const path of [
    '/..%2f..%2fetc/passwd',
    '/..%2fsecret.html',
    '/%2e%2e%2fsecret.html',
    '/..%5csecret.html',
    '/assets/..%2f..%2fsecret.html',
    '/..%252fsecret.html',
    '/%00.html',
    '/%c0%ae%c0%ae/secret.html',
    '/%',
    '//etc/passwd.html',
    '/C:%5cWindows%5cwin.ini',
    '/runs/..%2f..%2fsecret.html',
    '/runs/r1/..%2f..%2f..%2fsecret.html',
    '/uploads/..%2f..%2fx',
  ]) {
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  }
  for (const address of [
    'app://x/..%2f..%2fetc/passwd',
    'app://x/index.html',
    'app://fieldtune:80/',
    'other://fieldtune/',
  ]) {
    const answer = await answerAppRequest(new Request(address), protocol);
    expect([address, answer.status]).toEqual([address, 404]);
  }
  expect(asked).toEqual([]);
});

test('fault 48: pages run no inline script, load nothing foreign and stand in no frame', async () => {
  const { get } = setUp();
  const { headers } = await get('/');
  const policy = Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split('; ').map((rule) => {
      const [name = '', ...sources] = rule.split(' ');
      return [name, sources.join(' ')];
    }),
  );
  expect(policy).toMatchObject({
    'default-src': "'none'",
    'script-src': "'self'",
    'connect-src': "'self'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  });
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('gives pages with their type, and the one page for every place of the app', async () => {
  const { get } = setUp();
  expect(await (await get('/assets/app.js')).text()).toBe('export {};');
  expect((await get('/assets/app.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  for (const place of [
    '/',
    '/history',
    '/runs/abc',
    '/compare?a=1',
    '/boards/ssh%3A%2F%2Fpi%4010.0.0.7%3A22',
  ]) {
    expect(await (await get(place)).text()).toBe('<!doctype html>page');
  }
  expect(await (await get('/', { method: 'HEAD' })).text()).toBe('');
});

test('gives nothing that is missing, of an unknown kind, or kept for another method', async () => {
  const { get } = setUp();
  expect((await get('/assets/other.js')).status).toBe(404);
  expect((await get('/notes.exe')).status).toBe(404);
  expect((await get('/-/anything')).status).toBe(404);
  expect((await get('/', { method: 'POST', body: 'x' })).status).toBe(405);
  expect((await get('/uploads/model/u')).status).toBe(405);
  expect((await get('/runs/r1/report.html', { method: 'POST' })).status).toBe(405);
});

test('passes files of runs on with no header that is not theirs, in a sandbox', async () => {
  const { get, asked } = setUp();
  const answer = await get('/runs/r1/report.html?x=1', { headers: { cookie: 'c', range: 'bytes=0-1' } });
  expect(await answer.text()).toBe('from the service');
  expect(asked).toMatchObject([
    { path: '/runs/r1/report.html?x=1', method: 'GET', headers: { range: 'bytes=0-1' } },
  ]);
  expect(asked[0]?.headers).not.toHaveProperty('cookie');
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(answer.headers.get('x-internal')).toBeNull();
  expect(answer.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  expect(answer.headers.get('cross-origin-opener-policy')).toBeNull();
});

test('passes the body of an upload on', async () => {
  const { get, asked } = setUp();
  const path = '/uploads/model/0190?name=a%2Fb.onnx';
  expect((await get(path, { method: 'POST', body: 'bytes' })).status).toBe(200);
  expect(asked).toMatchObject([{ path, method: 'POST' }]);
  expect(await new Response(asked[0]?.body ?? null).text()).toBe('bytes');
});

test('prints the report when the service cannot, and only one that is there', async () => {
  const { get } = setUp();
  const pdf = await get('/runs/r1/report.pdf');
  expect(pdf.headers.get('content-type')).toBe('application/pdf');
  expect(await pdf.text()).toBe('pdf of app://fieldtune/runs/r1/report.html');
  const gone = setUp({ askService: async () => new Response('', { status: 404 }) });
  expect((await gone.get('/runs/r1/report.pdf')).status).toBe(404);
  const broken = setUp({ printPdf: async () => null });
  expect((await broken.get('/runs/r1/report.pdf')).status).toBe(501);
});

test('says that the service does not answer', async () => {
  const { get } = setUp({ askService: () => Promise.reject(new Error('ECONNREFUSED')) });
  expect((await get('/runs/r1/report.html')).status).toBe(502);
  expect((await get('/runs/r1/report.pdf')).status).toBe(502);
});

test('a real service gets the token, which no page ever sees', async () => {
  const { electron } = await openShell();
  const ask = (path: string, init?: RequestInit): Promise<Response> | undefined =>
    electron.answer?.(new Request(`app://fieldtune${path}`, init));
  const report = await ask('/runs/r1/report.html');
  expect(await report?.text()).toBe('<h1>Report</h1>');
  expect([...(report?.headers.keys() ?? [])]).not.toContain('x-internal');
  const upload = await ask('/uploads/model/u?name=m.onnx', { method: 'POST', body: 'x'.repeat(100_000) });
  expect(await upload?.json()).toEqual({ url: '/uploads/model/u?name=m.onnx', bytes: 100_000 });
  const pdf = await ask('/runs/r1/report.pdf');
  expect(await pdf?.text()).toBe('%PDF of app://fieldtune/runs/r1/report.html');
  const [printing] = electron.windows.slice(1);
  expect(printing?.options).toMatchObject({
    show: false,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
  });
  expect(printing?.destroyed).toBe(true);
});
