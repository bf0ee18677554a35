import { expect, test } from 'vitest';
import type { WindowMessage } from '../../electron/contract/calls.ts';
import { optimizeCall } from './controlled-api.ts';
import { connectWindow, openLink, runService, send, sendRaw } from './running-service.ts';

const originOf = ({ port }: { readonly port: number }): string => `http://127.0.0.1:${port}`;
const uploadPath = '/uploads/model/0b8f7b36-0000-4000-8000-000000000001?name=m.onnx';

test('the link opens the window once, and leaves a cookie that no script and no other site gets', async () => {
  const service = await runService();
  expect(new URL(service.url).hostname).toBe('127.0.0.1');
  const { search } = new URL(service.url);
  const opened = await send(service, `/${search}`);
  expect(opened.status).toBe(303);
  expect(opened.headers.location).toBe('/');
  const [cookie = ''] = opened.headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  const again = await send(service, `/${search}`);
  expect(again.status).toBe(401);
  expect(again.headers['set-cookie']).toBeUndefined();
  const page = await send(service, '/', { headers: { cookie: cookie.split(';')[0] ?? '' } });
  expect([page.status, page.body]).toEqual([200, '<!doctype html><title>window</title>']);
});

test('another link opens another window, and both stay open', async () => {
  const service = await runService();
  const first = await openLink(service);
  const second = await openLink(service, service.newUrl());
  for (const cookie of [first, second])
    expect((await send(service, '/', { headers: { cookie } })).status).toBe(200);
});

test('nothing is given without the cookie, and a made-up one or token is none', async () => {
  const service = await runService();
  const name = (await openLink(service)).split('=')[0];
  for (const path of ['/', '/?token=abc', '/assets/main-a1b2.js', '/runs/r7/result.json', '/socket'])
    for (const headers of [
      {},
      { cookie: `${name}=abc` },
      { cookie: `${name}=` },
      { authorization: 'Bearer abc' },
      // The browser face has no such client.
      { authorization: `Bearer ${service.token}` },
    ])
      expect([path, (await send(service, path, { headers })).status]).toEqual([path, 401]);
});

test('a name that somebody made lead here is not answered (DNS rebinding)', async () => {
  const service = await runService();
  const cookie = await openLink(service);
  const { search } = new URL(service.newUrl());
  for (const host of [
    'evil.example',
    `evil.example:${service.port}`,
    `127.0.0.1:${service.port + 1}`,
    '127.0.0.1',
  ])
    for (const path of ['/', `/${search}`])
      expect((await send(service, path, { headers: { cookie, host } })).status).toBe(403);
  const local = { cookie, host: `localhost:${service.port}` };
  expect((await send(service, '/', { headers: local })).status).toBe(200);
  await expect(
    connectWindow(service, { cookie, host: 'evil.example', origin: 'http://evil.example' }),
  ).rejects.toThrow('Refused with 403');
});

test('fault 45: what another page sends is refused, over HTTP and over a socket', async () => {
  const service = await runService();
  const cookie = await openLink(service);
  const foreign = ['https://evil.example', 'http://127.0.0.1:1', 'null', `https://127.0.0.1:${service.port}`];
  for (const origin of foreign) {
    const headers = { cookie, origin };
    const refused = await send(service, uploadPath, { method: 'POST', headers, body: 'x' });
    expect(refused.status).toBe(403);
    await expect(connectWindow(service, headers)).rejects.toThrow('Refused with 403');
  }
  const posted = await send(service, uploadPath, { method: 'POST', headers: { cookie }, body: 'x' });
  expect(posted.status).toBe(403);
  await expect(connectWindow(service, { cookie })).rejects.toThrow('Refused with 403');
  await expect(connectWindow(service, { origin: originOf(service) })).rejects.toThrow('Refused with 401');
  const embedded = { cookie, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' };
  expect((await send(service, '/', { headers: embedded })).status).toBe(403);
});

test('fault 45: a call with bad arguments is refused, and one that is no call ends the connection', async () => {
  const service = await runService();
  const cookie = await openLink(service);
  const window = await connectWindow(service, { cookie, origin: originOf(service) });
  expect(await window.call('models.open', { path: 7 })).toMatchObject({
    ok: false,
    error: { kind: 'usage', option: 'models.open path' },
  });
  expect(await window.call('no.such.call', {})).toMatchObject({ ok: false, error: { kind: 'usage' } });
  expect(service.control.queries).toEqual([]);
  for (const text of ['nonsense', '[]', '{"id":-1,"call":"app.info"}', '{"id":1,"call":7}']) {
    const other = await connectWindow(service, { cookie, origin: originOf(service) });
    const closed = new Promise((resolve) => other.socket.once('close', resolve));
    other.socket.send(text);
    expect(await closed).toBe(1002);
  }
  expect(await window.call('app.info', {})).toMatchObject({ ok: true, value: { face: 'browser' } });
});

test('every answer says what a page may do', async () => {
  const service = await runService();
  const cookie = await openLink(service);
  for (const [path, headers] of [
    ['/', { cookie }],
    ['/history', { cookie }],
    ['/nothing.js', { cookie }],
    ['/', {}],
  ] as const) {
    const reply = await send(service, path, { headers });
    const policy = `${reply.headers['content-security-policy']}`;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${service.port}`);
    expect(policy).toMatch(/base-uri 'none'; form-action 'none'; frame-ancestors 'self'$/);
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\*|https?:/);
    expect(reply.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
  }
});

test('every place of the window gives its page, and its files come with their types', async () => {
  const service = await runService();
  const headers = { cookie: await openLink(service) };
  for (const path of [
    '/',
    '/boards',
    '/runs/r7',
    '/runs/r7/compare',
    '/boards/ssh%3A%2F%2Fpi%4010.0.0.7',
    '/history?q=1',
  ]) {
    const page = await send(service, path, { headers });
    expect([path, page.status, page.headers['content-type'], page.headers['cache-control']]).toEqual([
      path,
      200,
      'text/html; charset=utf-8',
      'no-store',
    ]);
  }
  const script = await send(service, '/assets/main-a1b2.js', { headers });
  expect(script).toMatchObject({ status: 200, body: 'console.log(1)' });
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(script.headers['cache-control']).toContain('immutable');
  const head = await send(service, '/assets/main-a1b2.js', { headers, method: 'HEAD' });
  expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '14', '']);
  expect((await send(service, '/assets/gone.js', { headers })).status).toBe(404);
});

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/..%2f..%2fetc/passwd',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/%252e%252e%252fsecret.txt',
  '/..%5csecret.txt',
  '/..\\secret.txt',
  '/%2e%2e%5csecret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret',
  '/..;/secret.txt',
  '/..%20/secret',
  '/%c0%ae%c0%ae/secret.txt',
  '/%u002e%u002e/secret',
  '/..%00/secret.txt',
  '/index.html%00.js',
  '/%E0%A4%A',
  '//etc/passwd/../secret.txt',
  '/C:/secret.txt',
  '/runs/r7/..%2fsecret.txt',
  '/runs/..%2f..%2fetc/result.json',
])('fault 47: %s leads nowhere', async (path) => {
  const service = await runService();
  const cookie = await openLink(service);
  const answer = await sendRaw(
    service,
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${service.port}\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).not.toMatch(/\r\n\r\nsecret/);
});

test('a method that is none of ours changes nothing', async () => {
  const service = await runService();
  const headers = { cookie: await openLink(service), origin: originOf(service) };
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
    expect((await send(service, '/', { headers, method })).status).toBe(404);
});

test('a window that comes late gets every job whole, and hears from it on', async () => {
  const service = await runService();
  const { control } = service;
  const headers = { cookie: await openLink(service), origin: originOf(service) };
  const first = await connectWindow(service, headers);
  const started = (await first.call('runs.start', optimizeCall)) as {
    readonly value: { readonly id: string };
  };
  const { id } = started.value;
  const { listener } = control.last();
  listener.onEvent({ kind: 'runCreated', run: 'r7', out: '/out' });
  listener.onEvent({ kind: 'stageStarted', stage: 'search' });
  listener.onEvent({ kind: 'originalAccuracy', percent: 81.2 });
  first.socket.close();

  const late = await connectWindow(service, headers);
  const jobAt = (percent: number) => (message: WindowMessage) =>
    message.kind === 'event' &&
    message.event.kind === 'job' &&
    message.event.job.id === id &&
    message.event.job.originalAccuracy === percent;
  expect(await late.until(jobAt(81.2))).toMatchObject({
    event: { job: { state: 'running', run: 'r7', request: { kind: 'optimize', ...optimizeCall } } },
  });
  listener.onEvent({ kind: 'originalAccuracy', percent: 90 });
  await late.until(jobAt(90));
  expect(await late.call('jobs.list', {})).toMatchObject({ ok: true, value: [{ id }] });
});

test('every window hears of a change, once for many of one kind', async () => {
  const service = await runService();
  const headers = { cookie: await openLink(service), origin: originOf(service) };
  const windows = await Promise.all([connectWindow(service, headers), connectWindow(service, headers)]);
  for (let index = 0; index < 100; index++) service.control.change('runs');
  service.control.change('settings');
  for (const window of windows) {
    await window.until(({ kind, ...rest }) => kind === 'event' && JSON.stringify(rest).includes('settings'));
    expect(window.messages.length).toBeLessThanOrEqual(3);
    expect(window.messages).toContainEqual({ kind: 'event', event: { kind: 'changed', what: 'runs' } });
  }
});

test('Electron’s main process comes in with the token, and a page with it still may not be another’s', async () => {
  const service = await runService({ face: 'electron' });
  const headers = { authorization: `Bearer ${service.token}` };
  const window = await connectWindow(service, headers);
  expect(await window.call('app.info', {})).toMatchObject({
    value: { face: 'electron', canChooseFiles: true },
  });
  expect((await send(service, uploadPath, { method: 'POST', headers, body: 'x' })).status).toBe(200);
  await expect(connectWindow(service, { ...headers, origin: 'https://evil.example' })).rejects.toThrow(
    'Refused with 403',
  );
  await expect(connectWindow(service, { authorization: 'Bearer abc' })).rejects.toThrow('Refused with 401');
  await expect(connectWindow(service, headers, '/other')).rejects.toThrow('Refused with 404');
});

test('closing ends what is at work, the app and every connection', async () => {
  const service = await runService();
  const headers = { cookie: await openLink(service), origin: originOf(service) };
  const window = await connectWindow(service, headers);
  await window.call('runs.start', optimizeCall);
  const closed = new Promise((resolve) => window.socket.once('close', resolve));
  await service.close();
  await closed;
  expect(service.control.last().listener.signal.aborted).toBe(true);
  expect(service.control.isClosed()).toBe(true);
  await expect(send(service, '/')).rejects.toThrow(/ECONNREFUSED/);
});
