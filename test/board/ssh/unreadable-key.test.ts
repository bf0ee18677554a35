import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { parseBoardAddress } from '../../../electron/board/address.ts';
import { openSsh } from '../../../electron/board/ssh/connection.ts';
import { sshdMissing, startPrivateSshd } from '../../faults/private-sshd.ts';

vi.mock(import('../../../electron/board/ssh/known-hosts.ts'), async (original) => ({
  ...(await original()),
  judgeHostKey: () => {
    throw new Error('no such type of key');
  },
}));

it.skipIf(sshdMissing !== '')(
  `refuses a board whose key cannot be judged, and sends it no credential (fault 3) ${sshdMissing}`,
  async () => {
    const sshd = await startPrivateSshd();
    const folder = mkdtempSync(join(tmpdir(), 'fieldtune-state-'));
    onTestFinished(async () => {
      await sshd.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const address = parseBoardAddress(sshd.address);
    if (!address.ok || address.value.kind !== 'ssh') throw new Error('not an SSH address');
    const opened = await openSsh(
      address.value,
      { knownHostsFile: join(folder, 'known_hosts'), identityFile: sshd.identityFile },
      { signal: new AbortController().signal, confirmHostKey: async () => true },
    );
    expect(opened).toMatchObject({
      ok: false,
      error: { kind: 'boardUnreachable', reason: expect.stringContaining('no such type of key') },
    });
    expect(sshd.log()).not.toMatch(/userauth|publickey/);
  },
);
