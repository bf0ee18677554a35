import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { collectAll, collectBetween } from '../../../electron/board/ssh/command-output.ts';

const mostChars = 1024 * 1024;

describe('what a command printed', () => {
  it('begins behind its line, whatever a login shell printed before it (fault 17)', () => {
    const output = collectBetween('begin-7', 'end-7');
    expect(output.push(Buffer.from('Welcome\nbegin-\nmotd begin-8\n'))).toBe('');
    expect(output.push(Buffer.from('\nbegin-7\none\n'))).toBe('one\n');
    expect(output.push(Buffer.from('two\nend-7\nlogout\n'))).toBe('two\nend-7\nlogout\n');
    expect(output.text()).toBe('one\ntwo');
  });

  it.each([1, 3, 8, 9])('begins behind its line that comes in pieces of %i bytes (fault 17)', (size) => {
    const output = collectBetween('begin-7', 'end-7');
    const bytes = Buffer.from(`${'x'.repeat(50)}é\nbegin-7\né\nend-7\n`);
    let told = '';
    for (let at = 0; at < bytes.length; at += size) told += output.push(bytes.subarray(at, at + size));
    expect(told).toBe('é\nend-7\n');
    expect(output.text()).toBe('é');
  });

  it.each([
    ['between two lines', () => collectBetween('b', 'e')],
    ['of all', collectAll],
  ])('%s is held in memory that does not grow with it (fault 16)', (_name, collect) => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const output = collect();
    output.push(Buffer.from('b\n'));
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 100; i++) output.push(Buffer.alloc(mostChars, i % 2 === 0 ? 'y' : 'z'));
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20 * mostChars);
    expect(output.text()).toBe('z'.repeat(mostChars));
  });
});
