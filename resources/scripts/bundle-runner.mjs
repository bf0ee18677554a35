// Bundles the runner to resources/runner/runner.mjs; onnxruntime stays outside, it is native.
// usage: node resources/scripts/bundle-runner.mjs
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = join(project, 'resources', 'runner', 'runner.mjs');

const output = await build({
  root: project,
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: ['pure-rand', 'fflate', 'zod'], external: ['onnxruntime-node', 'onnxruntime-common'] },
  build: {
    ssr: join(project, 'electron', 'runner', 'main.ts'),
    target: 'node22',
    minify: false,
    write: false,
    // What is imported late stays in the one file, and is evaluated late all the same.
    rolldownOptions: { output: { codeSplitting: false } },
  },
});

const chunks = [output].flat().flatMap((result) => result.output);
if (chunks.length !== 1 || chunks[0].type !== 'chunk') throw new Error('The runner is not one file');

// A board may be reading the old bundle for an installation right now, so the new one appears at once and whole.
mkdirSync(dirname(target), { recursive: true });
const part = `${target}.${randomUUID()}`;
try {
  writeFileSync(part, chunks[0].code);
  renameSync(part, target);
} finally {
  rmSync(part, { force: true });
}
