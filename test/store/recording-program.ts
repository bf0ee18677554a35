// Records measurements in a run as fast as it can, and prints each one's key once it is acknowledged.
import { writeSync } from 'node:fs';
import { measurementKey } from '../../electron/store/measurements.ts';
import { openStore } from '../../electron/store/open-store.ts';

const [folder = '', run = '', first = '0'] = process.argv.slice(2);
const opened = openStore(folder);
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const store = opened.value;
if (first === 'claim') {
  const claimed = store.runs.claim(run);
  writeSync(1, `${claimed.ok ? 'claimed' : claimed.error.kind}\n`);
  // Holds the run until it is killed or its input ends.
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
} else {
  for (let i = Number(first); ; i++) {
    const blob = store.blobs.put(new TextEncoder().encode(`blob ${i}`));
    if (!blob.ok) throw new Error(JSON.stringify(blob.error));
    const key = measurementKey('fit', { i });
    const recorded = store.measurements.record(
      run,
      key,
      'fit',
      { i, text: 'x'.repeat(i % 5000) },
      blob.value,
    );
    if (!recorded.ok) throw new Error(JSON.stringify(recorded.error));
    writeSync(1, `${i} ${recorded.value}\n`);
  }
}
