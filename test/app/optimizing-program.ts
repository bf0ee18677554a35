import { createApp } from '../../electron/app/app.ts';
import { makeEngineRunner } from '../../electron/engine/client.ts';
import { callOf } from './tiny-call.ts';

// The app as a process of its own that a test can kill: prints each event as a line of JSON.
const [folder = ''] = process.argv.slice(2);
const app = await createApp({
  stateFolder: `${folder}/state`,
  cwd: folder,
  runInEngine: makeEngineRunner({ entry: new URL('./fake-engine.ts', import.meta.url) }),
});
if (!app.ok) throw new Error(app.error.kind);
await app.value.optimize(callOf(), {
  signal: new AbortController().signal,
  confirmHostKey: async () => false,
  ask: null,
  onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
});
