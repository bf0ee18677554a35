// Saves trials and approves them as fast as it can, and prints each one's id once both are acknowledged.
import { writeSync } from 'node:fs';
import { openStore } from '../../electron/store/open-store.ts';
import { trialRecord } from './trial-record.ts';

const [folder = '', first = '0'] = process.argv.slice(2);
const opened = openStore(folder);
if (!opened.ok) throw new Error(JSON.stringify(opened.error));
const { trials } = opened.value;
for (let i = Number(first); ; i++) {
  const trial = `t-${i}`;
  const saved = trials.save(trialRecord({ trial }));
  if (!saved.ok) throw new Error(JSON.stringify(saved.error));
  const decided = trials.decide({ trial, decision: 'approved', by: 'Sato', note: 'x'.repeat(i % 2_000) });
  if (!decided.ok) throw new Error(JSON.stringify(decided.error));
  writeSync(1, `${trial}\n`);
}
