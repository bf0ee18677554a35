import { describe, expect, it } from 'vitest';
import { parseBoardAddress } from '../../electron/board/address.ts';

describe('a board address', () => {
  it('may be this computer', () => {
    expect(parseBoardAddress('local')).toEqual({ ok: true, value: { kind: 'local' } });
  });

  it.each([
    ['ssh://pi@raspberry.local', 'pi', 'raspberry.local', null, 'ssh://pi@raspberry.local'],
    ['ssh://Bench', null, 'bench', null, 'ssh://bench'],
    ['ssh://bench:2222', null, 'bench', 2222, 'ssh://bench:2222'],
    ['ssh://pi@10.0.0.7:2222', 'pi', '10.0.0.7', 2222, 'ssh://pi@10.0.0.7:2222'],
    ['ssh://root@[fe80::1]:22', 'root', 'fe80::1', 22, 'ssh://root@[fe80::1]:22'],
    ['ssh://root@[FE80::1%usb0]', 'root', 'fe80::1%usb0', null, 'ssh://root@[fe80::1%usb0]'],
    ['ssh://[fe80::1%25en7]:22', null, 'fe80::1%en7', 22, 'ssh://[fe80::1%en7]:22'],
    ['ssh://root@[::1]/', 'root', '::1', null, 'ssh://root@[::1]'],
    ['ssh://a%40b@Board', 'a@b', 'board', null, 'ssh://a%40b@board'],
  ])('%s is read into its parts', (address, user, host, port, text) => {
    expect(parseBoardAddress(address)).toEqual({ ok: true, value: { kind: 'ssh', user, host, port, text } });
  });

  it.each([
    '',
    'localhost',
    'pi@board',
    'http://pi@board',
    'ssh://',
    'ssh://@board',
    'ssh://pi@',
    'ssh://pi@board:0',
    'ssh://pi@board:70000',
    'ssh://pi@board:x',
    'ssh://pi@board/folder',
    'ssh://pi@board?x',
    'ssh://pi@[::1',
    'ssh://pi@[fd00::1%usb0]',
    'ssh://pi@[fe80::1%]',
    'ssh://%ff@board',
  ])('%j is refused with a reason', (address) => {
    const parsed = parseBoardAddress(address);
    expect(parsed).toMatchObject({ ok: false, error: { kind: 'boardAddress', address } });
  });

  it.each(['ssh://pi:hunter2@board', 'ssh://:hunter2@board'])('repeats no password of %j', (address) => {
    const parsed = parseBoardAddress(address);
    expect(parsed).toMatchObject({ ok: false, error: { kind: 'boardAddress' } });
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });
});
