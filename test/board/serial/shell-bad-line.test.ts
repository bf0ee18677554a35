import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { socatMissing } from '../../faults/console.ts';
import { noise, serialSetup, sourceOf } from './serial-setup.ts';

const { consoleOf, open, tryOpen, end } = serialSetup();
afterAll(end);

describe.skipIf(socatMissing !== '')(
  `a shell behind a bad serial line ${socatMissing}`,
  { concurrent: true },
  () => {
    test('is not disturbed by kernel messages in the middle (fault 24)', async () => {
      const console = await consoleOf();
      const shell = await open(console.address);
      console.setHarm({
        injected: { everyBytes: 900, text: '\r\n[  123.456789] usb 1-1: reset high-speed\r\n' },
      });
      const listed = await shell.run('seq 1 1000');
      expect(listed.ok && listed.value.output).toBe(
        Array.from({ length: 1000 }, (_, index) => `${index + 1}`).join('\n'),
      );
      const bytes = noise(4_000);
      const path = join(console.folder, 'file');
      expect(await shell.upload(sourceOf(bytes), path)).toMatchObject({ ok: true });
      expect(readFileSync(path).equals(bytes)).toBe(true);
      console.setHarm({});
    });

    test('sends again what a bad line loses until the hash is equal (fault 23)', async () => {
      const console = await consoleOf();
      const shell = await open(console.address);
      console.setHarm({ dropped: 0.0005, flipped: 0.0005 });
      const bytes = noise(4_000);
      const path = join(console.folder, 'file');
      expect(await shell.upload(sourceOf(bytes), path)).toMatchObject({ ok: true });
      console.setHarm({});
      expect(readFileSync(path).equals(bytes)).toBe(true);
    });

    test('is given up in bounded time on a line that loses too much, which is said (fault 23)', async () => {
      const console = await consoleOf({ harm: { dropped: 0.04 } });
      const startMs = performance.now();
      expect(await tryOpen(console.address, undefined, { openingMs: 2_000 })).toMatchObject({
        ok: false,
        error: { kind: 'consoleNotReady', found: 'badLine' },
      });
      expect(performance.now() - startMs).toBeLessThan(20_000);
    });
  },
);
