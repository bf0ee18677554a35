import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { boardIdOf, tellsApart } from '../../electron/runner/board-id.ts';
import { readIdentity } from '../../electron/runner/identity.ts';

const machineId = 'aaaabbbbccccddddeeeeffff00001111';

/** A root folder with some of a board's files. */
function boardFiles(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'fieldtune-identity-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const idOf = (files: Readonly<Record<string, string>>): string => readIdentity(boardFiles(files)).id;

test('Boards made from one SD card image share a machine-id and are told apart by the serial number of the chip.', () => {
  const of = (serial: string) =>
    idOf({ 'etc/machine-id': `${machineId}\n`, 'proc/device-tree/serial-number': `${serial}\0` });
  expect(of('10000000abcdef01')).not.toBe(of('10000000abcdef02'));
  expect(of('10000000abcdef01')).toBe(boardIdOf('10000000abcdef01'));
});

test('A board is the same after it was flashed anew.', () => {
  const files = { 'proc/device-tree/serial-number': '1421323012345\0' };
  expect(idOf({ ...files, 'etc/machine-id': machineId })).toBe(idOf({ ...files, 'etc/machine-id': 'other' }));
});

test.each([
  '0000000000000000',
  '0123456789ABCDEF',
  '1234567890',
  'Default string',
  'none',
  '1111',
  '0x0',
  '',
])('A serial number like “%s” is no identity: the machine-id is.', (serial) => {
  expect(tellsApart(serial)).toBe(false);
  const files = { 'etc/machine-id': machineId, 'proc/device-tree/serial-number': serial };
  expect(idOf(files)).toBe(boardIdOf(machineId));
});

test('A serial number that only root may read does not change who the board is.', () => {
  const files = { 'etc/machine-id': machineId };
  const asRoot = { ...files, 'sys/class/dmi/id/product_serial': 'PF3A9XYZ' };
  expect(readIdentity(boardFiles(asRoot)).serialNumber).toBe('PF3A9XYZ');
  expect(idOf(asRoot)).toBe(idOf(files));
});

test('Boards cloned from one image are told apart by a file in the folder of the runner.', () => {
  const system = boardFiles({
    'etc/machine-id': machineId,
    'proc/device-tree/serial-number': '10000000abcdef01',
  });
  const of = (name: string) => readIdentity(system, boardFiles({ 'board-id': `${name}\n` })).id;
  expect(of('left')).toBe(boardIdOf('left'));
  expect(of('right')).toBe(boardIdOf('right'));
  // An empty file, or none, names nobody.
  expect(of('')).toBe(readIdentity(system).id);
  expect(readIdentity(system, boardFiles({})).id).toBe(readIdentity(system).id);
});
