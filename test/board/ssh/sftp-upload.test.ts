import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Client, SFTPWrapper } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { UploadOptions } from '../../../electron/board/shell.ts';
import type { SshConnection } from '../../../electron/board/ssh/connection.ts';
import { makeSshShell } from '../../../electron/board/ssh/shell.ts';
import { fileSource } from '../../../electron/board/upload.ts';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import {
  type BoardTraits,
  type PrivateSshd,
  sshdMissing,
  startPrivateSshd,
} from '../../faults/private-sshd.ts';
import { descendantsOf, findProcesses, until } from '../../faults/processes.ts';
import { openConnection } from './open-connection.ts';

const bytes = randomBytes(6_000_000);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const toolOf = (name: string): string =>
  execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();

type Write = SFTPWrapper['write'];

describe.skipIf(sshdMissing !== '')(`An upload by SFTP ${sshdMissing}`, () => {
  let folder = '';
  let scratch = '';
  /** Can hash, and copy by no command. */
  let hashing: PrivateSshd;
  /** Has a shell and nothing else. */
  let bare: PrivateSshd;

  const makeTools = (name: string, tools: readonly string[]): string => {
    const path = join(scratch, name);
    mkdirSync(path);
    for (const tool of tools) symlinkSync(toolOf(tool), join(path, tool));
    return path;
  };
  const start = async (traits: BoardTraits): Promise<PrivateSshd> => {
    const server = await startPrivateSshd(traits);
    onTestFinished(() => server.stop());
    return server;
  };
  const connect = async (server: PrivateSshd, port = server.port): Promise<SshConnection> => {
    const connection = await openConnection(server, folder, port);
    onTestFinished(() => connection.close());
    return connection;
  };
  /** The same connection with something changed about its SFTP sessions. */
  const withSftp = (connection: SshConnection, change: (sftp: SFTPWrapper) => void): SshConnection => {
    const sftp: Client['sftp'] = (given) => {
      const callback = given as unknown as (error: Error | undefined, sftp: SFTPWrapper) => void;
      return connection.client.sftp((error, session) => {
        if (!error) change(session);
        callback(error, session);
      });
    };
    return { ...connection, client: Object.assign(Object.create(connection.client), { sftp }) };
  };
  const withWrite = (connection: SshConnection, change: (write: Write) => Write): SshConnection =>
    withSftp(connection, (sftp) => {
      sftp.write = change(sftp.write.bind(sftp));
    });
  const file = () => join(folder, 'source');
  const target = () => join(folder, 'board', 'file');
  const onBoard = () => readdirSync(join(folder, 'board')).sort();
  const source = () => fileSource(file(), bytes.length, sha256);
  const upload = (connection: SshConnection, options: UploadOptions = {}, path = target()) =>
    makeSshShell(connection).upload(source(), path, options);

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'fieldtune-sftp-tools-'));
    hashing = await startPrivateSshd({
      sftp: true,
      path: makeTools('hashing', ['sh', 'sha256sum', 'sleep']),
    });
    bare = await startPrivateSshd({ sftp: true, path: makeTools('bare', ['sh']) });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldtune-sftp-'));
    mkdirSync(join(folder, 'board'));
    writeFileSync(file(), bytes);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  afterAll(async () => {
    await hashing.stop();
    await bare.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  it.each([
    ['that hashes by a tool', () => hashing, 0],
    ['of which the bytes are read back', () => bare, bytes.length],
  ])('goes to a board %s, and sends nothing the second time (fault 19)', async (_, server, readBytes) => {
    writeFileSync(target(), 'old');
    const told: number[] = [];
    let readBack = 0;
    const connection = withSftp(await connect(server()), (sftp) => {
      const read = sftp.read.bind(sftp);
      sftp.read = (handle, buffer, offset, length, position, answer) => {
        readBack += length;
        read(handle, buffer, offset, length, position, answer);
      };
    });
    // More than the server's own mask lets through.
    const options = { mode: 0o770, onProgress: (sentBytes: number) => void told.push(sentBytes) };
    expect(await upload(connection, options)).toEqual({
      ok: true,
      value: { sentBytes: bytes.length, resumedAt: 0 },
    });
    expect(readFileSync(target()).equals(bytes)).toBe(true);
    expect(readBack).toBe(readBytes);
    expect(statSync(target()).mode & 0o777).toBe(0o770);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(bytes.length);
    writeFileSync(`${target()}.part`, 'left over');
    expect(await upload(connection)).toEqual({ ok: true, value: { sentBytes: 0, resumedAt: bytes.length } });
    expect(onBoard()).toEqual(['file']);
  });

  it.each([
    ['the beginning of the same bytes', bytes.subarray(0, 2_000_001), 2_000_001],
    ['a beginning of which one byte differs', Buffer.from(bytes.subarray(0, 2_000_001)).fill(7, 9, 10), 0],
    ['more than the file has', Buffer.concat([bytes, bytes]), 0],
  ])('goes on from what an earlier try left when that is %s', async (_, left, resumedAt) => {
    for (const server of [hashing, bare]) {
      rmSync(target(), { force: true });
      writeFileSync(`${target()}.part`, left);
      const told: number[] = [];
      const onProgress = (sentBytes: number): void => void told.push(sentBytes);
      expect(await upload(await connect(server), { onProgress })).toEqual({
        ok: true,
        value: { sentBytes: bytes.length - resumedAt, resumedAt },
      });
      // What the board can hash is not sent in vain.
      if (server === hashing) expect(told).toEqual(told.toSorted((a, b) => a - b));
      expect(readFileSync(target()).equals(bytes)).toBe(true);
      expect(onBoard()).toEqual(['file']);
    }
  });

  it('is made where the server runs no commands, whether it says so or something else runs', async () => {
    const only = await start({
      sftp: true,
      startUp: `case "$SSH_ORIGINAL_COMMAND" in *sftp-server*) ;; *) echo 'no commands here'; exit 0;; esac`,
    });
    const connection = await connect(only);
    expect(await upload(connection)).toMatchObject({ ok: true, value: { sentBytes: bytes.length } });
    rmSync(target());
    const exec = (_command: string, answer: (error: Error) => void): void =>
      answer(new Error('Unable to exec'));
    const client = Object.assign(Object.create(connection.client), { exec });
    expect(await upload({ ...connection, client })).toMatchObject({ ok: true });
    expect(readFileSync(target()).equals(bytes)).toBe(true);
  });

  it('says what is missing, and that there is no SFTP either (fault 19)', async () => {
    const missing = expect.stringMatching(/^sha256sum, cat \(.*no SFTP/);
    const path = join(scratch, 'bare');
    const neither = await start({ path });
    expect(await upload(await connect(neither))).toMatchObject({
      ok: false,
      error: { kind: 'boardUnsupported', missing },
    });
    const programMissing = 'case "$SSH_ORIGINAL_COMMAND" in *sftp-server*) exit 127;; esac';
    const half = await start({ path, sftp: true, startUp: programMissing });
    expect(await upload(await connect(half))).toMatchObject({ ok: false, error: { missing } });
    const nothing = await start({ startUp: "echo 'no commands here' >&2; exit 0" });
    const reason = expect.stringMatching(/^no commands here, .*no SFTP/);
    expect(await upload(await connect(nothing))).toMatchObject({
      ok: false,
      error: { kind: 'boardCommandFailed', reason },
    });
    expect(onBoard()).toEqual([]);
  });

  it('says within 5 s that it was reset, leaves the old file, and goes on from there (fault 10)', async () => {
    writeFileSync(target(), 'old');
    const proxy = await startFaultProxy(bare.port);
    onTestFinished(() => proxy.stop());
    const connection = await connect(bare, proxy.port);
    proxy.resetAfter(4_000_000);
    const lost = await upload(connection);
    const reason = await connection.lost;
    expect(lost).toMatchObject({ ok: false, error: { kind: 'boardLost', reason } });
    expect(performance.now() - proxy.faultMs()!).toBeLessThan(5_000);
    expect(readFileSync(target(), 'utf8')).toBe('old');
    expect(onBoard()).toEqual(['file', 'file.part']);
    const again = await upload(await connect(bare));
    if (!again.ok) throw new Error(JSON.stringify(again.error));
    expect(again.value.resumedAt).toBeGreaterThan(0);
    expect(again.value.sentBytes).toBe(bytes.length - again.value.resumedAt);
    expect(readFileSync(target()).equals(bytes)).toBe(true);
  });

  it('gives up within its bound on a black hole, and on an answer that never comes (fault 11)', async () => {
    const proxy = await startFaultProxy(bare.port);
    onTestFinished(() => proxy.stop());
    const connection = await connect(bare, proxy.port);
    proxy.blackHoleAfter(3_000_000);
    const stalled = { kind: 'boardLost', reason: 'nothing moved for 1 s' };
    expect(await upload(connection, { stallMs: 1_000 })).toMatchObject({ ok: false, error: stalled });
    let writes = 0;
    const deaf = withWrite(
      await connect(bare),
      (write) => (handle, buffer, offset, length, position, answer) => {
        writes += 1;
        if (writes !== 50) write(handle, buffer, offset, length, position, answer);
      },
    );
    expect(await upload(deaf, { stallMs: 1_000 })).toMatchObject({ ok: false, error: stalled });
    expect(onBoard()).toEqual(['file.part']);
  });

  it('keeps what came over when the board does not come to an end of hashing it', async () => {
    const path = makeTools('hanging', ['sh']);
    writeFileSync(join(path, 'sha256sum'), `#!/bin/sh\nexec ${toolOf('sleep')} 3\n`, { mode: 0o755 });
    const connection = await connect(await start({ sftp: true, path }));
    expect(await upload(connection, { stallMs: 1_000 })).toMatchObject({
      ok: false,
      error: { kind: 'boardLost', reason: 'nothing moved for 1 s' },
    });
    expect(statSync(`${target()}.part`).size).toBe(bytes.length);
  });

  it('has so many requests on their way and no more, and reads no further ahead', async () => {
    let [now, most, read, ahead] = [0, 0, 0, 0];
    // No answer comes before all of them are on their way, and then a while for one too many.
    let held: (() => void)[] | null = [];
    const release = (): void => {
      for (const answer of held ?? []) answer();
      held = null;
    };
    const counting = withWrite(
      await connect(hashing),
      (write) => (handle, buffer, offset, length, position, answer) => {
        now += 1;
        most = Math.max(most, now);
        ahead = Math.max(ahead, read - position);
        if (now === 64) setTimeout(release, 100);
        write(handle, buffer, offset, length, position, (error) => {
          const give = (): void => {
            now -= 1;
            answer(error);
          };
          if (held) held.push(give);
          else give();
        });
      },
    );
    const { open, ...rest } = source();
    async function* count(offset: number): AsyncGenerator<Buffer> {
      for await (const chunk of open(offset)) {
        read += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
    }
    // One piece ahead, and no more.
    const counted = { ...rest, open: (offset: number) => Readable.from(count(offset), { highWaterMark: 1 }) };
    expect(await makeSshShell(counting).upload(counted, target())).toMatchObject({ ok: true });
    expect(most).toBe(64);
    expect(ahead).toBeLessThan(2 * 1024 * 1024);
  });

  it.each([
    ['shrank', () => truncateSync(file(), 1_000_000)],
    ['grew', () => appendFileSync(file(), 'x')],
    ['is gone', () => rmSync(file())],
    ['has other bytes', () => writeFileSync(file(), randomBytes(bytes.length))],
  ])('says that the source changed when it %s, and leaves the old file (fault 12)', async (_, change) => {
    writeFileSync(target(), 'old');
    change();
    expect(await upload(await connect(hashing))).toEqual({
      ok: false,
      error: { kind: 'sourceChanged', path: file() },
    });
    expect(readFileSync(target(), 'utf8')).toBe('old');
    expect(onBoard()).toEqual(['file']);
  });

  it('names a full file system and leaves nothing there (fault 13)', async ({ skip }) => {
    const disk = join(folder, 'board', 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('skipped: a tmpfs cannot be mounted here');
    }
    try {
      const path = join(disk, 'file');
      writeFileSync(path, 'old');
      expect(await upload(await connect(bare), {}, path)).toMatchObject({
        ok: false,
        error: { kind: 'boardDiskFull', folder: disk, neededBytes: bytes.length },
      });
      expect(readdirSync(disk)).toEqual(['file']);
      expect(readFileSync(path, 'utf8')).toBe('old');
    } finally {
      // The last session may still hold the file.
      execFileSync('umount', ['-l', disk]);
    }
  });

  it.each([
    ['a tool', () => hashing],
    ['reading back', () => bare],
  ])('does not put a file in place of which one byte was flipped: by %s (fault 14)', async (_, server) => {
    writeFileSync(target(), 'old');
    const flipping = withWrite(
      await connect(server()),
      (write) => (handle, buffer, offset, length, position, answer) => {
        const other = Buffer.from(buffer);
        if (position === 0) other[100] = other[100]! ^ 1;
        write(handle, other, offset, length, position, answer);
      },
    );
    expect(await upload(flipping)).toMatchObject({
      ok: false,
      error: { kind: 'boardCorrupted', file: target() },
    });
    expect(readFileSync(target(), 'utf8')).toBe('old');
    expect(onBoard()).toEqual(['file']);
  });

  it('executes nothing of a file name, and says why a file cannot be written (fault 20)', async () => {
    const name = `-x; $(touch p) ' \n`;
    const connection = await connect(hashing);
    expect(await upload(connection, {}, join(folder, 'board', name))).toMatchObject({ ok: true });
    expect(onBoard()).toEqual([name]);
    expect(await upload(connection, {}, join(folder, 'no folder', 'file'))).toMatchObject({
      ok: false,
      error: { kind: 'boardCommandFailed', reason: expect.stringMatching(/SFTP: no such file/i) },
    });
  });

  it('leaves neither a process nor a file when it is cancelled (fault 21)', async () => {
    const abort = new AbortController();
    const connection = await connect(bare);
    let told = 0;
    const onProgress = (sentBytes: number): void => {
      told = sentBytes;
      abort.abort();
    };
    const cancelled = await upload(connection, { signal: abort.signal, onProgress });
    expect(told).toBeLessThan(bytes.length);
    expect(cancelled).toEqual({ ok: false, error: { kind: 'cancelled' } });
    expect(onBoard()).toEqual([]);
    await until(() => findProcesses(join(bare.folder, 'command.sh')).length === 0);
    const late = new AbortController();
    let isOpen = false;
    const opening = Object.assign(Object.create(connection.client), {
      sftp: (answer: (error: Error | undefined, session: SFTPWrapper) => void) => {
        connection.client.sftp((error, session) => {
          isOpen = true;
          answer(error, session);
        });
        late.abort();
      },
    });
    const atOnce = await upload({ ...connection, client: opening }, { signal: late.signal });
    expect(atOnce).toEqual({ ok: false, error: { kind: 'cancelled' } });
    await until(() => isOpen);
    const serverId = Number(readFileSync(join(bare.folder, 'pid'), 'utf8'));
    await until(() => !descendantsOf(serverId).some((id) => findProcesses('sftp-server').includes(id)));
    // The connection is as good as before.
    expect(await upload(connection)).toMatchObject({ ok: true });
  });

  it('replaces the old file where the server cannot do it by one step, and keeps it when that fails', async () => {
    const old = await start({ sftp: '-P posix-rename,fsync', path: join(scratch, 'bare') });
    writeFileSync(target(), 'old');
    expect(await upload(await connect(old))).toMatchObject({ ok: true });
    expect(readFileSync(target()).equals(bytes)).toBe(true);
    expect(onBoard()).toEqual(['file']);
    const refusing = await start({ sftp: '-P posix-rename,rename', path: join(scratch, 'bare') });
    writeFileSync(target(), 'old');
    expect(await upload(await connect(refusing))).toMatchObject({
      ok: false,
      error: { kind: 'boardCommandFailed' },
    });
    expect(readFileSync(target(), 'utf8')).toBe('old');
    expect(onBoard()).toEqual(['file']);
  });
});
