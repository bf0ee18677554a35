import { expect, it } from 'vitest';
import { measureRate } from '../../electron/board/link-rate.ts';
import { runLocally } from '../../electron/board/local-shell.ts';

it('measures how many bytes a second a link carries', async () => {
  // Through a reader that takes 100 kB a tenth of a second, about a megabyte a second at most.
  const slow = `cat() { while dd bs=25000 count=1 iflag=fullblock 2>/dev/null | grep -q .; do sleep 0.1; done; }\n`;
  const fast = await measureRate(runLocally);
  const slowed = await measureRate((script, options) => runLocally(`${slow}${script}`, options));
  expect(fast).toBeGreaterThan(1_000_000);
  expect(slowed).toBeGreaterThan(10_000);
  expect(slowed).toBeLessThan(500_000);
});

it('says nothing where the board cannot take bytes', async () => {
  expect(await measureRate((script, options) => runLocally(`PATH=/nowhere\n${script}`, options))).toBeNull();
});
