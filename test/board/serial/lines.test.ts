import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createAgent } from '../../../electron/board/serial/agent.ts';
import {
  agentScript,
  damagedAnswer,
  damagedLine,
  historyOffLine,
  historyOnLine,
  longestLineBytes,
  openingLine,
  packedAgent,
  pieceAnswer,
  pieceLine,
  settingsLine,
  startLine,
  toolsLine,
} from '../../../electron/board/serial/agent-script.ts';
import { cksumOf } from '../../../electron/board/serial/cksum.ts';
import type { SerialLine } from '../../../electron/board/serial/port.ts';
import { createReplyReader } from '../../../electron/board/serial/replies.ts';

const sign = { a: 499, b: 499 };

describe('what is sent to a console', () => {
  test('is at most 1,024 bytes a line, in whatever pieces the program goes (fault 25)', () => {
    const program = packedAgent('abcd');
    const lines = [historyOffLine, historyOnLine, openingLine(sign), settingsLine(sign), toolsLine(sign)];
    for (const pieceBytes of [800, 400, 200, 100, 50, 40]) {
      const pieces = Math.ceil(program.length / pieceBytes);
      for (let i = 0; i < pieces; i++)
        lines.push(pieceLine(i, program.slice(i * pieceBytes, (i + 1) * pieceBytes)));
      lines.push(startLine(pieces));
    }
    for (const line of lines) expect(Buffer.byteLength(line) + 1).toBeLessThanOrEqual(longestLineBytes);
  });

  test('does not hold what it is answered with, as a terminal echoes it', () => {
    for (const line of [openingLine(sign), settingsLine(sign), toolsLine(sign)]) {
      expect(line).not.toContain(damagedAnswer);
      expect(line).not.toContain('ft998ft');
    }
    expect(pieceLine(12, 'piece')).not.toContain(pieceAnswer(12));
  });

  test('adds a piece of the program once however often it comes, and starts it only when all are there', () => {
    const lines = [
      settingsLine(sign),
      pieceLine(0, 'echo one'),
      pieceLine(0, 'echo one'),
      pieceLine(1, '~echo two').replace('two', 'too'),
      damagedLine,
      startLine(2),
      pieceLine(1, '~echo two'),
      startLine(2),
    ];
    const said = execFileSync('sh', ['-c', openingLine(sign)], {
      input: `${lines.join('\n')}\n`,
      stdio: ['pipe', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
    const answers = ['ft998ft', 'ft998ft', 'ft0.', 'ft0.', 'ft?', 'ft?', 'ft?', 'ft1.', 'one', 'two'];
    expect(said.trim().split('\n')).toEqual(answers);
  });

  test('is refused when a request would be longer (fault 25)', async () => {
    const written: string[] = [];
    const line = {
      port: '/dev/ttyTEST',
      baud: 115_200,
      lost: new Promise<string>(() => {}),
      listen: () => {},
      write: async (bytes: Uint8Array) => {
        written.push(Buffer.from(bytes).toString());
        return true;
      },
      close: async () => {},
    } satisfies SerialLine;
    const agent = createAgent('serial:/dev/ttyTEST', line, 'abcd');
    expect(() => agent.tell(1, 'x'.repeat(longestLineBytes))).toThrow('line of');
    agent.tell(1, 'x 0');
    expect(written).toEqual([`\nabcd ${cksumOf(Buffer.from('1 x 0'))} 1 x 0\n`]);
  });

  test('is a program that a POSIX shell reads, and that fits between quotes', () => {
    execFileSync('sh', ['-n'], { input: agentScript('abcd') });
    expect(agentScript('abcd')).not.toMatch(/['~]/);
    expect(packedAgent('abcd').replaceAll('~', '\n')).toBe(agentScript('abcd').trimEnd());
  });
});

describe('cksum', () => {
  test('is that of POSIX', () => {
    for (const text of ['', 'hello', 'a'.repeat(1000)]) {
      const [sum] = execFileSync('cksum', { input: text, encoding: 'utf8' }).split(' ');
      expect(`${cksumOf(Buffer.from(text))}`).toBe(sum);
    }
  });
});

describe('a reply', () => {
  const reply = (text: string): string => `\nabcd ${cksumOf(Buffer.from(text))} ${text}\n`;

  test('is found in any chunking, with what was printed before it', () => {
    const stream = Buffer.from(`noise${reply('1 begin')}out\nput${reply('1 end 0')}`);
    for (const size of [1, 3, 1000]) {
      const reader = createReplyReader('abcd', 10_000);
      const found = [];
      for (let at = 0; at < stream.length; at += size)
        found.push(...reader.push(stream.subarray(at, at + size)));
      expect(found.map(({ id, words, before }) => [id, words.join(' '), before.toString()])).toEqual([
        [1, 'begin', 'noise'],
        [1, 'end 0', 'out\nput'],
      ]);
    }
  });

  test('that was damaged is none, and the next is found', () => {
    const reader = createReplyReader('abcd', 10_000);
    expect(reader.push(Buffer.from(reply('1 end 0').replace('end', 'enx')))).toEqual([]);
    expect(reader.push(Buffer.from(reply('2 ok')))).toMatchObject([{ id: 2, words: ['ok'] }]);
  });

  test('is found behind more than is kept', () => {
    const reader = createReplyReader('abcd', 1000);
    for (let i = 0; i < 50; i++) expect(reader.push(Buffer.alloc(200, 0x78))).toEqual([]);
    const [found] = reader.push(Buffer.from(reply('2 ok')));
    expect(found?.words).toEqual(['ok']);
    expect(found?.before.length).toBeLessThan(1300);
  });
});
