import { expect, test } from 'vitest';
import { unreachableBy } from '../../../electron/board/ssh/handshake.ts';
import { messageOf } from '../../../electron/cli/messages.ts';
import { wordsForError } from '../../../renderer/language/errors.ts';

const noRoute = Object.assign(new Error('connect EHOSTUNREACH'), { code: 'EHOSTUNREACH' });
const board = 'ssh://pi@10.0.0.7:22';

test('On macOS, no route to a board may be a permission that is missing, and the words say where it is given.', () => {
  const error = unreachableBy(board, noRoute, 'darwin');
  expect(error).toMatchObject({ kind: 'boardUnreachable', localNetwork: true });
  expect(messageOf(error)).toContain('Privacy & Security > Local Network');
  expect(wordsForError(error, 'en').todo).toContain('Local Network');
  expect(wordsForError(error, 'ja').todo).toContain('ローカルネットワーク');
});

test('Elsewhere, and for other reasons, nothing is said of it.', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  for (const error of [unreachableBy(board, noRoute, 'linux'), unreachableBy(board, refused, 'darwin')]) {
    expect(error).not.toHaveProperty('localNetwork');
    expect(messageOf(error)).not.toContain('Local Network');
    expect(wordsForError(error, 'en').todo).not.toContain('Local Network');
  }
});
