import { ok } from '../../contract/result.ts';
import { measureRate } from '../link-rate.ts';
import type { BoardShell } from '../shell.ts';
import { uploadThrough } from '../upload.ts';
import { runRemote, startRemote } from './commands.ts';
import type { SshConnection } from './connection.ts';
import { uploadBySftp } from './sftp-upload.ts';

/** The shell of a board behind an SSH connection, which closes with it. */
export function makeSshShell(connection: SshConnection): BoardShell {
  const board = connection.address.text;
  return {
    board,
    link: 'ssh',
    lost: connection.lost,
    run: (script, options) => runRemote(connection, script, options),
    upload: (source, path, options) =>
      uploadThrough(
        board,
        (script, given) => runRemote(connection, script, given),
        source,
        path,
        options,
        (refused) => uploadBySftp(connection, source, path, options ?? {}, refused),
      ),
    measureRate: (signal) =>
      measureRate((script, given) => runRemote(connection, script, { ...given, signal })),
    async start(script, options) {
      const started = await startRemote(connection, script, options);
      if (!started.ok) return started;
      const { channel, ended } = started.value;
      return ok({
        input: channel,
        output: channel,
        complaints: channel.stderr,
        ended,
        destroy: () => channel.destroy(),
      });
    },
    async close() {
      connection.close();
    },
  };
}
