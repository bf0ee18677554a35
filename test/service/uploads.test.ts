import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { fileRoutes } from '../../electron/contract/file-routes.ts';
import { cleanName, receiveUpload, removeUnfinishedUploads } from '../../electron/service/uploads.ts';
import { openLink, type RunningService, runService, send, temporaryFolder } from './running-service.ts';

const one = '0b8f7b36-0000-4000-8000-000000000001';
const two = '0b8f7b36-0000-4000-8000-000000000002';

async function uploader() {
  const service = await runService();
  const headers = {
    cookie: await openLink(service),
    origin: `http://127.0.0.1:${service.port}`,
    'content-type': 'application/json',
  };
  const post = async (path: string, body: string | Buffer = 'bytes') => {
    const reply = await send(service, path, { method: 'POST', headers, body });
    return { status: reply.status, result: reply.status === 404 ? null : JSON.parse(reply.body) };
  };
  return { ...service, headers, post };
}

const folderOf = ({ stateFolder }: RunningService, what: string, upload: string): string =>
  join(stateFolder, 'uploads', what, upload);

test('a model comes in byte for byte, and its path goes back', async () => {
  const service = await uploader();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const { status, result } = await service.post(fileRoutes.upload('model', one, 'résumé 模型.onnx'), bytes);
  expect([status, result.ok]).toEqual([200, true]);
  expect(result.value.path).toBe(join(folderOf(service, 'model', one), 'résumé 模型.onnx'));
  expect(readFileSync(result.value.path).equals(bytes)).toBe(true);
  if (process.platform !== 'win32') expect(statSync(result.value.path).mode & 0o077).toBe(0);
});

test('files of one upload make one folder, and an archive alone is itself', async () => {
  const service = await uploader();
  const whole = folderOf(service, 'data', one);
  const post = async (upload: string, name: string) =>
    (await service.post(fileRoutes.upload('data', upload, name))).result.value.path;
  expect(await post(one, 'cifar/dataset.json')).toBe(join(whole, 'cifar'));
  expect(await post(one, 'cifar/fit/cat/1.png')).toBe(join(whole, 'cifar'));
  expect(readdirSync(join(whole, 'cifar')).sort()).toEqual(['dataset.json', 'fit']);
  expect(await post(two, 'fit.npz')).toBe(join(folderOf(service, 'data', two), 'fit.npz'));
  expect(await post(two, 'dataset.json')).toBe(folderOf(service, 'data', two));
});

test.each(['../m.onnx', 'a/../../m.onnx', '/etc/m.onnx', '..\\m.onnx', '.', '', 'a//b', '. ./x', 'a/ /b'])(
  'the name %j is refused, and nothing is written',
  async (name) => {
    const service = await uploader();
    const { status, result } = await service.post(fileRoutes.upload('model', one, name));
    expect([status, result.error.kind, result.error.option]).toEqual([400, 'usage', 'name']);
    expect(existsSync(join(service.stateFolder, 'uploads'))).toBe(false);
  },
);

test('a name is made fit for any disk', () => {
  expect(cleanName('a\u0000b:c?.onnx')).toEqual(['a_b_c_.onnx']);
  expect(cleanName('fit\\cat\\1.png')).toEqual(['fit', 'cat', '1.png']);
  expect(cleanName('CON.onnx')).toEqual(['_CON.onnx']);
  expect(cleanName(`${'x'.repeat(300)}.onnx`)).toBeNull();
  expect(cleanName('a/'.repeat(40))).toBeNull();
});

test('only the two kinds of upload with a right id are taken', async () => {
  const service = await uploader();
  for (const path of [
    `/uploads/other/${one}?name=m.onnx`,
    '/uploads/model/not-an-id?name=m.onnx',
    `/uploads/model/..%2f..%2f${one}?name=m.onnx`,
    `/uploads/model/${one}`,
    `/uploads/model/${one}?name=a&name=b`,
  ])
    expect([path, (await service.post(path)).status]).toEqual([path, 404]);
});

test('a file that is too large is refused before and while it comes in, and leaves nothing', async () => {
  const folder = temporaryFolder();
  const body = () => Readable.from([Buffer.alloc(600), Buffer.alloc(600)]);
  const upload = { upload: one, name: 'm.onnx' } as const;
  const announced = { ...upload, what: 'model', sizeBytes: 1200, body: body() } as const;
  expect(await receiveUpload(folder, announced, 1000)).toEqual({
    ok: false,
    error: { kind: 'modelTooLarge', path: 'm.onnx', sizeBytes: 1200, limitBytes: 1000 },
  });
  const streamed = { ...upload, what: 'data', sizeBytes: null, body: body() } as const;
  expect(await receiveUpload(folder, streamed, 1000)).toMatchObject({
    ok: false,
    error: { kind: 'dataUnreadable' },
  });
  expect(readdirSync(join(folder, 'data', one))).toEqual([]);
});

test('an upload that is cut short leaves nothing that could pass for a file', async () => {
  const service = await uploader();
  const whole = folderOf(service, 'model', one);
  const sent = request({
    host: '127.0.0.1',
    port: service.port,
    method: 'POST',
    path: fileRoutes.upload('model', one, 'm.onnx'),
    headers: { ...service.headers, 'content-length': '1000' },
  });
  sent.on('error', () => undefined);
  sent.write('the first part');
  await expect.poll(() => existsSync(whole) && readdirSync(whole).length).toBe(1);
  sent.destroy();
  await expect.poll(() => readdirSync(whole)).toEqual([]);
  expect(service.bugs).toEqual([]);
});

test('what a killed process left of an upload goes at the next start', async () => {
  const folder = temporaryFolder();
  const upload = { what: 'data', upload: one, sizeBytes: null } as const;
  await receiveUpload(folder, { ...upload, name: 'a.npz', body: Readable.from([Buffer.from('x')]) });
  const endless = new Readable({ read: () => undefined });
  endless.push('part');
  const received = receiveUpload(folder, { ...upload, name: 'b.npz', body: endless });
  await expect.poll(() => readdirSync(join(folder, 'data', one)).length).toBe(2);
  await removeUnfinishedUploads(folder);
  expect(readdirSync(join(folder, 'data', one))).toEqual(['a.npz']);
  endless.destroy();
  await received;
});
