import type { Readable } from 'node:stream';
import { fail, ok, type Result } from '../contract/result.ts';
import {
  type CommandOutcome,
  commandFailed,
  quoteForShell,
  type RunOptions,
  type ShellError,
  type Uploaded,
  type UploadOptions,
  type UploadSource,
} from './shell.ts';

/** Runs a script whose stdin is a stream: what a link needs for uploads through `cat`. */
export type RunWithInput = (
  script: string,
  options: RunOptions & { readonly input?: Readable },
) => Promise<Result<CommandOutcome, ShellError>>;

/** Hashing a large file on a slow card, when nothing moves over the link any more. */
const hashStallMs = 180_000;
const sha256Pattern = /^\\?([0-9a-f]{64}) /m;

/** An upload as `BoardShell.upload` describes it, over a link whose commands read a stream. */
export async function uploadThrough(
  board: string,
  run: RunWithInput,
  source: UploadSource,
  path: string,
  options: UploadOptions = {},
): Promise<Result<Uploaded, ShellError>> {
  const { mode = 0o644, onProgress, ...bounds } = options;
  const target = quoteForShell(path);
  const part = quoteForShell(`${path}.part`);
  const quick = { ...bounds, stallMs: hashStallMs };

  const found = await run(
    `command -v sha256sum >/dev/null 2>&1 || { echo missing=sha256sum; exit 0; }
[ -f ${target} ] && [ "$(wc -c <${target})" -eq ${source.sizeBytes} ] && sha256sum <${target}
echo "have=$(wc -c <${part} 2>/dev/null || echo 0)"`,
    quick,
  );
  if (!found.ok) return found;
  const { output } = found.value;
  if (output.includes('missing=')) return fail({ kind: 'boardUnsupported', board, missing: 'sha256sum' });
  if (sha256Pattern.exec(output)?.[1] === source.sha256) {
    onProgress?.(source.sizeBytes, source.sizeBytes);
    return ok({ sentBytes: 0, resumedAt: source.sizeBytes });
  }
  const have = Number(/have=\s*(\d+)/.exec(output)?.[1] ?? 0);
  const resumedAt = have <= source.sizeBytes ? have : 0;

  let sentBytes = 0;
  const stream = source.open(resumedAt);
  stream.on('data', (chunk: Buffer) => {
    sentBytes += chunk.length;
    onProgress?.(resumedAt + sentBytes, source.sizeBytes);
  });
  // It must not flow before somebody reads it.
  stream.pause();
  const sent = await run(`umask 077; cat ${resumedAt > 0 ? '>>' : '>'}${part}`, { ...bounds, input: stream });
  if (!sent.ok) return sent;
  if (sent.value.code !== 0) {
    if (/no space left|disk quota/i.test(sent.value.complaints)) {
      await run(`rm -f -- ${part}`, {});
      return fail({ kind: 'boardDiskFull', board, folder: path, neededBytes: source.sizeBytes });
    }
    return commandFailed(board, `write ${path}`, sent.value);
  }
  const settled = await run(
    `h=$(sha256sum <${part}) && case $h in ${source.sha256}*) ;; *) rm -f -- ${part}; exit 9;; esac
chmod ${mode.toString(8)} ${part} && sync ${part} 2>/dev/null || sync
mv -f -- ${part} ${target}`,
    quick,
  );
  if (!settled.ok) return settled;
  if (settled.value.code === 9) return fail({ kind: 'boardCorrupted', board, file: path });
  if (settled.value.code !== 0) return commandFailed(board, `write ${path}`, settled.value);
  return ok({ sentBytes, resumedAt });
}
