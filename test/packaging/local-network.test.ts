import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { announcedTypes } from '../../electron/board/discovery/mdns.ts';

const settings = readFileSync(new URL('../../electron-builder.yml', import.meta.url), 'utf8');

test('On macOS the app says why it wants the local network, and names every service that it asks for.', () => {
  expect(settings).toMatch(/NSLocalNetworkUsageDescription: \S.{20}/);
  const named = /NSBonjourServices: \[(.*)\]/.exec(settings)?.[1]?.split(', ');
  expect(named).toEqual(announcedTypes.map((type) => `_${type}._tcp`));
});

test('The rule for serial ports is in the package, outside the archive.', () => {
  expect(settings).toMatch(/^files:\n(?: {2}.*\n)* {2}- resources\/udev\/\*\.rules$/m);
  expect(settings).toMatch(/^asarUnpack:\n(?: {2}.*\n)* {2}- resources\/\*\*$/m);
});
