import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

/**
 * Plays a sensor that lives on: a process of its own goes on replacing a file, as the kernel's files change while
 * the runner is busy. `value` is JavaScript for the content, of the milliseconds `t` and the number of the writing `n`.
 */
export function playSensor(path: string, value: string, everyMs = 2): ChildProcess {
  const program = `
    const fs = require('node:fs');
    const path = process.argv[1];
    let n = 0;
    const start = performance.now();
    setInterval(() => {
      const t = performance.now() - start;
      n++;
      fs.writeFileSync(path + '.new', String(${value}));
      fs.renameSync(path + '.new', path);
    }, ${everyMs});`;
  const child = spawn(process.execPath, ['-e', program, path], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
