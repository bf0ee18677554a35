import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { fail, ok, type Result } from '../contract/result.ts';
import { defineCopy, defineSha256, isDiskFull, sha256Pattern } from './board-tools.ts';
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
/** What is read and handed to the link at once. */
const chunkBytes = 256 * 1024;
const exitDamaged = 9;

/** A file of this computer as something to send. */
export function fileSource(path: string, sizeBytes: number, sha256: string): UploadSource {
  return {
    name: path,
    sizeBytes,
    sha256,
    open: (offset) => createReadStream(path, { start: offset, highWaterMark: chunkBytes }),
  };
}

/**
 * An upload as `BoardShell.upload` describes it, over a link whose commands read a stream.
 * What an earlier try left is taken up only when the board's sha256 of it is that of the same bytes here.
 */
export async function uploadThrough(
  board: string,
  run: RunWithInput,
  source: UploadSource,
  path: string,
  options: UploadOptions = {},
): Promise<Result<Uploaded, ShellError>> {
  const { mode = 0o644, onProgress, ...bounds } = options;
  const folder = posix.dirname(path);
  const target = quoteForShell(path);
  const part = quoteForShell(`${path}.part`);
  const whileHashing = { ...bounds, stallMs: Math.max(hashStallMs, bounds.stallMs ?? 0) };
  const tools = `export LC_ALL=C; lacking=${defineSha256(quoteForShell(folder))}${defineCopy}`;
  // Without the person's signal: it has to happen after a cancel too.
  const failAndClean = async (error: ShellError): Promise<Result<never, ShellError>> => {
    await run(`rm -f -- ${part}`, {});
    return fail(error);
  };

  const looked = await run(
    `${tools}
[ -z "$lacking" ] || { echo "lacking=$lacking"; exit 0; }
[ ! -f ${target} ] || [ "$(wc -c <${target})" -ne ${source.sizeBytes} ] || echo "target=$(sha256 <${target})"
[ ! -f ${part} ] || echo "have=$(wc -c <${part})" "part=$(sha256 <${part})"
echo looked`,
    whileHashing,
  );
  if (!looked.ok) return looked;
  const found = readLook(looked.value.output);
  if (found.lacking !== '') return fail({ kind: 'boardUnsupported', board, missing: found.lacking });
  if (looked.value.code !== 0) return commandFailed(board, `look at ${path}`, looked.value);
  if (found.targetSha256 === source.sha256) {
    onProgress?.(source.sizeBytes, source.sizeBytes);
    if (found.partBytes > 0) await run(`rm -f -- ${part}`, {});
    return ok({ sentBytes: 0, resumedAt: source.sizeBytes });
  }
  const isPrefix =
    found.partBytes > 0 &&
    found.partBytes <= source.sizeBytes &&
    found.partSha256 === (await hashPrefix(source, found.partBytes));
  const resumedAt = isPrefix ? found.partBytes : 0;

  const sending = sendExactly(source, resumedAt, onProgress);
  const sent = await run(
    `${tools}
umask ${(0o777 & ~mode).toString(8).padStart(3, '0')}
${reportGrowth(part)}
copy ${isPrefix ? '>>' : '>'}${part}; s=$?; [ -z "$reporter" ] || kill $reporter 2>/dev/null; exit $s`,
    { ...bounds, input: sending.stream },
  );
  sending.stream.destroy();
  if (sending.changed()) return failAndClean({ kind: 'sourceChanged', path: source.name ?? path });
  if (!sent.ok) return sent.error.kind === 'cancelled' ? failAndClean(sent.error) : sent;
  if (sent.value.code !== 0) {
    return isDiskFull(sent.value.complaints)
      ? failAndClean({ kind: 'boardDiskFull', board, folder, neededBytes: source.sizeBytes })
      : commandFailed(board, `write ${path}`, sent.value);
  }
  const settled = await run(
    `${tools}
h=$(sha256 <${part}) || exit 1
case $h in *${source.sha256}*) ;; *) exit ${exitDamaged};; esac
${(mode & 0o111) === 0 ? '' : `chmod ${mode.toString(8)} ${part} || exit 1`}
sync ${part} 2>/dev/null || sync 2>/dev/null
mv -f -- ${part} ${target}`,
    whileHashing,
  );
  if (!settled.ok) return settled.error.kind === 'cancelled' ? failAndClean(settled.error) : settled;
  if (settled.value.code === exitDamaged) {
    const isOurs = (await hashPrefix(source, source.sizeBytes)) !== source.sha256;
    return failAndClean(
      isOurs
        ? { kind: 'sourceChanged', path: source.name ?? path }
        : { kind: 'boardCorrupted', board, file: path },
    );
  }
  if (settled.value.code !== 0) return commandFailed(board, `write ${path}`, settled.value);
  return ok({ sentBytes: sending.sentBytes(), resumedAt });
}

/**
 * Shell lines that print the size of a growing file once a second while it grows: on a slow link nothing else shows
 * that what was handed over long ago still moves. Ends with the shell that started it.
 */
function reportGrowth(quotedFile: string): string {
  return `(
  last=
  while sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    now=$(wc -c <${quotedFile} 2>/dev/null)
    [ "$now" = "$last" ] || echo "$now" || exit
    last=$now
  done
) &
reporter=$!`;
}

function readLook(output: string) {
  const textOf = (name: string): string => new RegExp(`\\b${name}=\\s*(.*)`).exec(output)?.[1] ?? '';
  return {
    lacking: textOf('lacking').trim().split(/\s+/).join(', '),
    targetSha256: sha256Pattern.exec(textOf('target'))?.[0],
    partBytes: Number.parseInt(textOf('have'), 10) || 0,
    partSha256: sha256Pattern.exec(textOf('part'))?.[0],
  };
}

/** The sha256 of a source's first bytes, or null when it has fewer or cannot be read. */
async function hashPrefix(source: UploadSource, sizeBytes: number): Promise<string | null> {
  const hash = createHash('sha256');
  let leftBytes = sizeBytes;
  try {
    for await (const chunk of source.open(0)) {
      const bytes = (chunk as Buffer).subarray(0, leftBytes); // a stream without an encoding gives buffers
      hash.update(bytes);
      leftBytes -= bytes.length;
      if (leftBytes === 0) break;
    }
  } catch {
    return null;
  }
  return leftBytes === 0 ? hash.digest('hex') : null;
}

/** A source's bytes from an offset on; ends with an error when there are fewer or more than it was said to have. */
function sendExactly(source: UploadSource, offset: number, onProgress: UploadOptions['onProgress']) {
  const totalBytes = source.sizeBytes - offset;
  let sentBytes = 0;
  let changed = false;
  const refuse = (): Error => {
    changed = true;
    return new Error('the source changed');
  };
  const counted = new Transform({
    writableHighWaterMark: chunkBytes,
    readableHighWaterMark: chunkBytes,
    transform(chunk: Buffer, _encoding, proceed) {
      if (sentBytes + chunk.length > totalBytes) return proceed(refuse());
      sentBytes += chunk.length;
      onProgress?.(offset + sentBytes, source.sizeBytes);
      proceed(null, chunk);
    },
    flush: (proceed) => proceed(sentBytes < totalBytes ? refuse() : null),
  });
  const file = source.open(offset);
  // A file that can no longer be read is not what it was either.
  file.on('error', () => counted.destroy(refuse()));
  counted.on('close', () => file.destroy());
  // Whoever reads may not have come to listen yet.
  counted.on('error', () => {});
  file.pipe(counted);
  return { stream: counted, sentBytes: () => sentBytes, changed: () => changed };
}
