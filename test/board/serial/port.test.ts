import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPortMock } from 'serialport';
import { afterAll, describe, expect, test } from 'vitest';
import type { SerialPortFound } from '../../../electron/board/discovery/serial-ports.ts';
import { openKnownPorts } from '../../../electron/board/serial/known-ports.ts';
import { openPort, type PortStream } from '../../../electron/board/serial/port.ts';
import { socatMissing } from '../../faults/console.ts';
import { serialSetup } from './serial-setup.ts';

const { consoleOf, open, tryOpen, end } = serialSetup();
const folders: string[] = [];
afterAll(async () => {
  await end();
  SerialPortMock.binding.reset();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const request = { board: 'serial:/dev/ttyTEST', port: '/dev/ttyTEST', baud: 115_200 };
const mock = (path: string, baudRate: number): PortStream =>
  new SerialPortMock({ path, baudRate, autoOpen: false });
/** A port that the system refuses with these words. */
const refusing =
  (message: string) =>
  (path: string, baudRate: number): PortStream => {
    const stream = mock(path, baudRate);
    stream.open = (callback) => callback?.(new Error(message));
    return stream;
  };

describe('a serial port', () => {
  test.each([
    ['Error: Error Resource temporarily unavailable Cannot lock port', 'serialPortBusy'],
    ['Error: Device or resource busy, cannot open /dev/ttyTEST', 'serialPortBusy'],
    ['Opening COM3: Access denied', 'serialPortBusy'],
    ['Error: Permission denied, cannot open /dev/ttyTEST', 'serialPortDenied'],
    ['Error: No such file or directory, cannot open /dev/ttyTEST', 'serialPortMissing'],
    ['Opening COM3: File not found', 'serialPortMissing'],
    ['Inappropriate ioctl for device', 'boardUnreachable'],
  ])('that is refused with “%s” says what to do: %s (fault 31)', async (message, kind) => {
    expect(await openPort(request, { makePort: refusing(message) })).toMatchObject({
      ok: false,
      error: { kind },
    });
  });

  test('carries bytes both ways and tells when it goes', async () => {
    SerialPortMock.binding.createPort('/dev/ttyTEST', { echo: true });
    const opened = await openPort(request, { makePort: mock });
    if (!opened.ok) throw new Error('not open');
    const got: Buffer[] = [];
    opened.value.listen((bytes) => got.push(bytes));
    expect(await opened.value.write(Buffer.from('hello'))).toBe(true);
    await expect.poll(() => Buffer.concat(got).toString()).toContain('hello');
    await opened.value.close();
    expect(await opened.value.lost).toContain('was closed');
    expect(await opened.value.write(Buffer.from('more'))).toBe(false);
  });

  test('that takes nothing is closed in time (fault 26)', async () => {
    SerialPortMock.binding.createPort('/dev/ttyTEST');
    const stuck = (path: string, baudRate: number): PortStream => {
      const stream = mock(path, baudRate);
      stream.write = () => true;
      return stream;
    };
    const opened = await openPort(request, { makePort: stuck, writeStallMs: 100 });
    if (!opened.ok) throw new Error('not open');
    expect(await opened.value.write(Buffer.from('hello'))).toBe(false);
    expect(await opened.value.lost).toContain('nothing was taken');
  });
});

const found = (device: string, serialNumber: string | null): SerialPortFound => ({
  path: device,
  device,
  name: 'adapter',
  likely: true,
  usb: {
    folder: device,
    vendorId: '0403',
    productId: '6001',
    manufacturer: null,
    product: null,
    serialNumber,
  },
  problem: null,
});

describe('a port that was met before', () => {
  const folderFor = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldtune-ports-'));
    folders.push(folder);
    return folder;
  };

  test('is found again under the name that it came back with, and no other is taken for it (fault 27)', async () => {
    const folder = folderFor();
    let ports = [found('/dev/ttyUSB0', 'A1'), found('/dev/ttyUSB1', 'B2')];
    const known = () => openKnownPorts(folder, async () => ports);
    await known().remember('/dev/ttyUSB0', '/dev/ttyUSB0');
    expect(await known().find('/dev/ttyUSB0')).toBe('/dev/ttyUSB0');
    ports = [found('/dev/ttyUSB0', 'B2'), found('/dev/ttyUSB2', 'A1')];
    expect(await known().find('/dev/ttyUSB0')).toBe('/dev/ttyUSB2');
    ports = [found('/dev/ttyUSB1', 'B2')];
    expect(await known().find('/dev/ttyUSB0')).toBe('/dev/ttyUSB0');
  });

  test('is known by its name alone when its device has no number, or the list is junk', async () => {
    const folder = folderFor();
    const known = () => openKnownPorts(folder, async () => [found('/dev/ttyUSB3', null)]);
    await known().remember('/dev/ttyUSB0', '/dev/ttyUSB3');
    expect(await known().find('/dev/ttyUSB0')).toBe('/dev/ttyUSB0');
    writeFileSync(join(folder, 'serial-ports.json'), '{"a":');
    expect(await known().find('/dev/ttyUSB0')).toBe('/dev/ttyUSB0');
  });
});

describe.skipIf(socatMissing !== '')(`a real terminal device ${socatMissing}`, { concurrent: true }, () => {
  test('in use by another program is said to be busy, and one that is not there is said so (fault 31)', async () => {
    const console = await consoleOf();
    const shell = await open(console.address);
    expect(await tryOpen(console.address)).toMatchObject({
      ok: false,
      error: { kind: 'serialPortBusy', port: console.port },
    });
    expect(await shell.run('echo on')).toMatchObject({ value: { output: 'on' } });
    expect(await tryOpen(`${console.address}-none`)).toMatchObject({
      ok: false,
      error: { kind: 'serialPortMissing' },
    });
  });

  test('by a path that was typed works, a link as well (fault 31)', async () => {
    const console = await consoleOf();
    const link = join(console.folder, 'by-id');
    symlinkSync(console.port, link);
    expect(await (await open(`serial:${link}`)).run('echo on')).toMatchObject({ value: { output: 'on' } });
  });

  test('that is unplugged is told, and is open again under another name (fault 27)', async () => {
    const console = await consoleOf();
    const folder = mkdtempSync(join(tmpdir(), 'fieldtune-ports-'));
    folders.push(folder);
    let port = console.port;
    const knownPorts = openKnownPorts(folder, async () => [found(port, 'A1')]);
    const shell = await open(console.address, undefined, { knownPorts });
    const running = shell.run('sleep 4323');
    await console.unplug();
    expect(await running).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
    expect(await shell.lost).toMatch(/is gone|closed|cannot be written/);
    port = await console.plugInAs('ttyB');
    const again = await open(console.address, undefined, { knownPorts });
    expect(again.board).toBe(console.address);
    expect(await again.run('echo back')).toMatchObject({ value: { output: 'back' } });
  });
});
