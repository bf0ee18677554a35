import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileRoutes } from '../../electron/contract/file-routes.ts';
import { findPrinter } from '../../electron/service/print-pdf.ts';
import type { ServiceOptions } from '../../electron/service/server.ts';
import { openLink, runService, send, temporaryFolder } from './running-service.ts';

async function reader(options: Partial<ServiceOptions> = {}) {
  const service = await runService(options);
  const headers = { cookie: await openLink(service) };
  const get = (name: string, run = 'r7') => send(service, fileRoutes.runFile(run, name), { headers });
  return { ...service, get };
}

const report = '<!doctype html><title>Report</title><script>document.title = "ran"</script><h1>2.6×</h1>';

describe('a run’s files', () => {
  test('are shown or saved with their types, and what they say cannot do anything', async () => {
    const { get, out } = await reader();
    writeFileSync(join(out, 'report.html'), report);
    writeFileSync(join(out, 'optimized.onnx'), 'model');
    const shown = await get('report.html');
    expect(shown).toMatchObject({ status: 200, body: report });
    expect(shown.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': 'inline; filename="report.html"',
      'x-content-type-options': 'nosniff',
    });
    const policy = `${shown.headers['content-security-policy']}`;
    expect(policy).toMatch(/^sandbox; default-src 'none';/);
    expect(policy).not.toMatch(/allow-|script-src/);
    expect(shown.headers['cross-origin-opener-policy']).toBeUndefined();
    const saved = await get('report.html?download');
    expect(saved.headers['content-disposition']).toBe('attachment; filename="report.html"');
    const model = await get('optimized.onnx');
    expect(model.headers['content-disposition']).toBe('attachment; filename="optimized.onnx"');
  });

  test('are only those of its folder that are known, and no links', async () => {
    const { get, out, stateFolder } = await reader();
    writeFileSync(join(out, 'secret.txt'), 'secret');
    writeFileSync(join(out, '..', 'outside'), 'secret');
    symlinkSync(join(out, '..', 'outside'), join(out, 'result.json'));
    mkdirSync(join(out, 'measurements.csv'));
    expect(stateFolder).not.toBe(out);
    for (const name of [
      'secret.txt',
      'result.json',
      'measurements.csv',
      'report.html',
      'report.pdf',
      'constructor.x',
    ])
      expect([name, (await get(name)).status]).toEqual([name, 404]);
    for (const run of ['unknown', 'NOT%20A%20RUN', '..'])
      expect([run, (await get('report.html', run)).status]).toEqual([run, 404]);
  });

  test('a bug is logged and answered without a word of it', async () => {
    const { get, bugs } = await reader();
    const reply = await get('report.html', 'broken');
    expect([reply.status, JSON.parse(reply.body)]).toEqual([
      500,
      { ok: false, error: { kind: 'internal', logId: 'log-1' } },
    ]);
    expect(bugs).toEqual([new Error('no such luck')]);
  });
});

describe('the report as PDF', () => {
  test('needs a browser engine, and says so', async () => {
    const { get, out } = await reader({ printer: null });
    writeFileSync(join(out, 'report.html'), report);
    const reply = await get('report.pdf');
    expect(reply.status).toBe(501);
    expect(reply.body).toMatch(/^No Chromium, Chrome or Edge was found .*\.\n$/);
  });

  test('says why it could not be printed', async () => {
    const { get, out } = await reader({ printer: '/bin/false' });
    writeFileSync(join(out, 'report.html'), report);
    const reply = await get('report.pdf');
    expect(reply.status).toBe(500);
    expect(reply.body).toContain('could not be printed (/bin/false failed with 1)');
  });

  const printer = findPrinter();
  test.skipIf(printer === null)('is printed from the page (needs Chromium, Chrome or Edge)', async () => {
    const { get, out } = await reader({ printer });
    writeFileSync(join(out, 'report.html'), report);
    const reply = await get('report.pdf');
    expect(reply.status).toBe(200);
    expect(reply.body.slice(0, 5)).toBe('%PDF-');
    expect(reply.headers).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': 'attachment; filename="report.pdf"',
    });
    // Its title would be another had the script run.
    expect(reply.body).toContain('Report');
    expect(reply.body).not.toContain('(ran)');
  });

  test.skipIf(process.platform !== 'linux')('looks for the engine in the folders of PATH', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'chromium'));
    writeFileSync(join(folder, 'google-chrome'), '', { mode: 0o644 });
    expect(findPrinter({ PATH: `${folder}:relative::` })).toBeNull();
    writeFileSync(join(folder, 'msedge'), '', { mode: 0o755 });
    expect(findPrinter({ PATH: folder })).toBe(join(folder, 'msedge'));
  });
});
