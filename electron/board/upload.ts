import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { fail, ok, type Result } from '../contract/result.ts';
import { defineBeat, defineCopy, defineSha256, isDiskFull, sha256Pattern } from './board-tools.ts';
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

/** Runs a script that is spoken to: what a link needs for uploads. */
export type RunWithInput = (
  script: string,
  options: RunOptions & {
    readonly input?: Readable;
    /** What the script prints, as it comes. */
    readonly onOutput?: (text: string) => void;
  },
) => Promise<Result<CommandOutcome, ShellError>>;

/** What is read and handed to the link at once. */
const chunkBytes = 512 * 1024;
/** From here on the faster hash is worth its slower start. */
export const largeBytes = 8 * 1024 * 1024;
const exitNotCopied = 7;
const exitShort = 8;
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
 * An upload as `BoardShell.upload` describes it, over a link whose commands read a stream. All of it is one command,
 * as starting one is what takes longest: it tells what is there, is told how to go on, takes the bytes, compares.
 * What an earlier try left is taken up only when the board's sha256 of it is that of the same bytes here.
 * `instead` is another way for a board that runs no command for it; it gets what would be the error.
 */
export async function uploadThrough(
  board: string,
  run: RunWithInput,
  source: UploadSource,
  path: string,
  options: UploadOptions = {},
  instead: (refused: ShellError) => Promise<Result<Uploaded, ShellError>> = async (refused) => fail(refused),
): Promise<Result<Uploaded, ShellError>> {
  const { mode = 0o644, onProgress, ...bounds } = options;
  const folder = posix.dirname(path);
  const part = quoteForShell(`${path}.part`);
  const token = `looked-${randomUUID()}`;
  const feed = makeFeed(source, onProgress);

  let said = '';
  const outcome = await run(uploadScript(source, path, mode, token), {
    ...bounds,
    input: feed.stream,
    onOutput(text) {
      if (feed.isStarted()) return;
      said += text;
      const line = new RegExp(`${token} (.*)\\n`).exec(said)?.[1];
      if (line !== undefined) feed.start(readLook(line));
    },
  });
  feed.stop();
  // Without the person's signal: it has to happen after a cancel too.
  const failAndClean = async (error: ShellError): Promise<Result<never, ShellError>> => {
    await run(`rm -f -- ${part}`, {});
    return fail(error);
  };

  const { looked, lacking, sentBytes, resumedAt, changed } = feed.state();
  const sourceChanged = { kind: 'sourceChanged', path: source.name ?? path } as const;
  if (changed) return failAndClean(sourceChanged);
  if (!outcome.ok) {
    if (outcome.error.kind === 'boardCommandFailed') return instead(outcome.error);
    return outcome.error.kind === 'cancelled' ? failAndClean(outcome.error) : outcome;
  }
  if (lacking !== '') return instead({ kind: 'boardUnsupported', board, missing: lacking });
  // Whatever ran in place of the script, its success is none.
  if (!looked) {
    const refused = commandFailed(board, `run a command to write ${path}`, outcome.value);
    return refused.ok ? refused : instead(refused.error);
  }
  switch (outcome.value.code) {
    case 0:
      return ok({ sentBytes, resumedAt });
    case exitNotCopied:
      return isDiskFull(outcome.value.complaints)
        ? failAndClean({ kind: 'boardDiskFull', board, folder, neededBytes: source.sizeBytes })
        : commandFailed(board, `write ${path}`, outcome.value);
    case exitDamaged: {
      const isOurs = (await hashPrefix(source, source.sizeBytes)) !== source.sha256;
      return failAndClean(isOurs ? sourceChanged : { kind: 'boardCorrupted', board, file: path });
    }
    default:
      return commandFailed(board, `write ${path}`, outcome.value);
  }
}

function uploadScript(source: UploadSource, path: string, mode: number, token: string): string {
  const target = quoteForShell(path);
  const part = quoteForShell(`${path}.part`);
  const folder = quoteForShell(posix.dirname(path));
  const umask = (0o777 & ~mode).toString(8).padStart(3, '0');
  return `
export LC_ALL=C
lacking=${defineSha256(folder, source.sizeBytes >= largeBytes)}${defineCopy}${defineBeat}
look=
if [ -z "$lacking" ]; then
  beat
  if [ -f ${target} ] && [ "$(wc -c <${target})" -eq ${source.sizeBytes} ]; then look="target=$(sha256 <${target})"; fi
  if [ -f ${part} ]; then look="$look have=$(wc -c <${part}) part=$(sha256 <${part})"; fi
  unbeat
fi
printf '%s\\n' "${token} $look lacking=$lacking"
[ -z "$lacking" ] && read -r order || exit 0
umask ${umask}
case $order in
  nothing) exec rm -f -- ${part};;
  anew) : >${part} || exit 1;;
  on) ;;
  *) exit ${exitShort};;
esac
${reportGrowth(part)}
copy >>${part} || s=${exitNotCopied}
[ -z "$reporter" ] || kill $reporter 2>/dev/null
[ -z "$s" ] || exit $s
[ "$(wc -c <${part})" -eq ${source.sizeBytes} ] || exit ${exitShort}
beat
h=$(sha256 <${part}) || exit 1
case $h in *${source.sha256}*) ;; *) exit ${exitDamaged};; esac
${(mode & 0o111) === 0 ? '' : `chmod ${mode.toString(8)} ${part} || exit 1`}
sync ${part} 2>/dev/null || sync 2>/dev/null
unbeat
mv -f -- ${part} ${target}`;
}

/**
 * Shell lines that print a word every second while a file grows: on a slow link nothing else shows that what was
 * handed over long ago still moves. Ends with the shell that started it.
 */
function reportGrowth(quotedFile: string): string {
  // `ls` and not `wc`, as BusyBox's reads all of the file to count it.
  return `s=
(
  last=
  while sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    now=$(ls -ln ${quotedFile} 2>/dev/null)
    [ "$now" = "$last" ] || echo grew || exit
    last=$now
  done
) &
reporter=$!`;
}

interface Look {
  /** Tools that the board has not, with commas. */
  readonly lacking: string;
  readonly targetSha256: string | undefined;
  readonly partBytes: number;
  readonly partSha256: string | undefined;
}

/** Reads `target=<sha256> have=<size> part=<sha256> lacking=<words>`, of which each but the last may be missing. */
function readLook(line: string): Look {
  const sha256In = (text: string | undefined): string | undefined => sha256Pattern.exec(text ?? '')?.[0];
  return {
    lacking: (/ lacking=(.*)$/.exec(line)?.[1] ?? '').trim().split(/\s+/).join(', '),
    targetSha256: sha256In(/^target=(.*?)(?: have=| lacking=)/.exec(line)?.[1]),
    partBytes: Number(/ ?have=\s*(\d+)/.exec(line)?.[1] ?? 0),
    partSha256: sha256In(/ part=(.*) lacking=/.exec(line)?.[1]),
  };
}

/** The sha256 of a source's first bytes, or null when it has fewer or cannot be read. */
export async function hashPrefix(source: UploadSource, sizeBytes: number): Promise<string | null> {
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

/** What the command on the board reads: one line with the order, then the bytes that it lacks. */
function makeFeed(source: UploadSource, onProgress: UploadOptions['onProgress']) {
  let sentBytes = 0;
  let resumedAt = 0;
  let changed = false;
  let look: Look | null = null;
  let wake = (): void => {};
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });

  const refuse = (): Error => {
    changed = true;
    return new Error('the source changed');
  };
  async function* feed(): AsyncGenerator<Buffer> {
    await woken;
    if (look === null || look.lacking !== '') return;
    if (look.targetSha256 === source.sha256) {
      resumedAt = source.sizeBytes;
      onProgress?.(resumedAt, source.sizeBytes);
      yield Buffer.from('nothing\n');
      return;
    }
    const { partBytes, partSha256 } = look;
    const isPrefix =
      partBytes > 0 && partBytes <= source.sizeBytes && partSha256 === (await hashPrefix(source, partBytes));
    if (isPrefix) resumedAt = partBytes;
    yield Buffer.from(isPrefix ? 'on\n' : 'anew\n');
    const totalBytes = source.sizeBytes - resumedAt;
    for await (const chunk of readAll(source.open(resumedAt), refuse)) {
      if (sentBytes + chunk.length > totalBytes) throw refuse();
      sentBytes += chunk.length;
      onProgress?.(resumedAt + sentBytes, source.sizeBytes);
      yield chunk;
    }
    if (sentBytes < totalBytes) throw refuse();
  }
  const stream = Readable.from(feed(), { objectMode: false, highWaterMark: chunkBytes });
  // The one who reads may be gone already.
  stream.on('error', () => {});
  return {
    stream,
    isStarted: () => look !== null,
    start(found: Look): void {
      look = found;
      wake();
    },
    stop(): void {
      wake();
      stream.destroy();
    },
    state: () => ({ looked: look !== null, lacking: look?.lacking ?? '', sentBytes, resumedAt, changed }),
  };
}

/** A file that can no longer be read is not what it was. */
async function* readAll(file: Readable, refuse: () => Error): AsyncGenerator<Buffer> {
  const chunks = file[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next().catch(() => {
        throw refuse();
      });
      if (next.done) return;
      yield next.value as Buffer; // a stream without an encoding gives buffers
    }
  } finally {
    file.destroy();
  }
}
