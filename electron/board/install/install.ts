import { randomUUID } from 'node:crypto';
import { fail, ok, type Result } from '../../contract/result.ts';
import { defineBeat, defineSha256, isDiskFull } from '../board-tools.ts';
import type { BoardContact } from '../contact.ts';
import { type BoardShell, quoteForShell, type ShellError } from '../shell.ts';
import { packRunner, sumsPath } from './archive.ts';
import type { BoardFacts } from './probe.ts';
import { bundlePath, nodePath, type RunnerFiles } from './runner-files.ts';

/** A runner that lies ready on a board; all paths are absolute there. */
export interface Installation {
  readonly nodeFile: string;
  readonly program: string;
  /** Bytes that went over the link for it just now: less than the packed runner where an earlier try had sent a part. */
  readonly sentBytes: number;
  /** It was unpacked just now, and not found there. */
  readonly isFresh: boolean;
}

/** How an installation is made. */
export interface InstallOptions {
  /** Installs anew even if the files seem to be there. */
  readonly force: boolean;
  /** Folder of this computer where the packed runner is kept. */
  readonly cacheFolder: string;
  readonly stallMs?: number | undefined;
}

/** Room that is left over for models and temporary files. */
const spareBytes = 64 * 1024 * 1024;
const keptInstallations = 3;
const exitDamaged = 9;

/**
 * Puts the runner into `<root>/runner-<hash>/` unless it is there. An archive is sent and unpacked beside it, the board's
 * own sha256 of every file is compared, and only then the folder gets its name: half an installation is never used.
 *
 * Errors: `boardDiskFull`, `boardCorrupted`, `boardLost`, `boardUnsupported`, `boardCommandFailed`, `runnerFailed`,
 * `sourceChanged`, `cancelled`.
 */
export async function installRunner(
  shell: BoardShell,
  facts: BoardFacts,
  runner: RunnerFiles,
  contact: BoardContact,
  options: InstallOptions,
): Promise<Result<Installation, ShellError>> {
  const { board } = shell;
  const folder = `${facts.root}/runner-${runner.hash}`;
  const installation = (sentBytes: number, isFresh: boolean): Installation => ({
    nodeFile: facts.nodeFile ?? `${folder}/${nodePath}`,
    program: `${folder}/${bundlePath}`,
    sentBytes,
    isFresh,
  });
  if (!options.force && isPresent(facts, runner)) return ok(installation(0, false));

  const full = (neededBytes: number): Result<never, ShellError> =>
    fail({ kind: 'boardDiskFull', board, folder: facts.root, neededBytes });
  const archive = await packRunner(runner, options.cacheFolder);
  if (!archive.ok) return archive;
  // The archive lies beside what is unpacked from it; a part of it that is there already takes no more room.
  const archiveName = `runner-${runner.hash}.tar.gz`;
  const partBytes = facts.files.get(`${archiveName}.part`) ?? 0;
  const neededBytes = Math.max(0, archive.value.sizeBytes - partBytes) + runner.sizeBytes + spareBytes;
  if (facts.freeBytes !== null && facts.freeBytes < neededBytes) return full(neededBytes);

  const sizeBytes = archive.value.sizeBytes;
  const bytesPerSecond = contact.onInstallStarting ? await shell.measureRate?.(contact.signal) : undefined;
  contact.onInstallStarting?.({
    sizeBytes,
    seconds: bytesPerSecond === undefined || bytesPerSecond === null ? null : sizeBytes / bytesPerSecond,
  });
  const remoteArchive = `${facts.root}/${archiveName}`;
  const sent = await shell.upload(archive.value, remoteArchive, {
    signal: contact.signal,
    ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
    onProgress: (sentBytes, totalBytes) => contact.onInstall?.(sentBytes, totalBytes),
  });
  if (!sent.ok) return sent.error.kind === 'boardDiskFull' ? full(neededBytes) : sent;

  const unpacked = await shell.run(unpackScript(facts.root, folder, remoteArchive), {
    signal: contact.signal,
  });
  if (!unpacked.ok) return unpacked;
  const { code, signal, output, complaints } = unpacked.value;
  if (code === 0) return ok(installation(sent.value.sentBytes, true));
  if (isDiskFull(complaints)) return full(neededBytes);
  if (code === exitDamaged) {
    const file = /^damaged=(.*)$/m.exec(output)?.[1] ?? '';
    return fail({ kind: 'boardCorrupted', board, file: `${folder}/${file}` });
  }
  const reason = complaints.split('\n').at(-1) || `unpacking ended with ${signal ?? code}`;
  return fail({ kind: 'runnerFailed', board, reason });
}

/** Sizes suffice: what lies under its final name was verified byte by byte when it came there. */
function isPresent(facts: BoardFacts, runner: RunnerFiles): boolean {
  return runner.files.every(
    (file) => facts.files.get(`runner-${runner.hash}/${file.path}`) === file.sizeBytes,
  );
}

/**
 * Unpacks, compares and activates. Whatever goes wrong, nothing of it is left; only when the link is lost the archive
 * stays, so that it need not be sent again.
 */
function unpackScript(root: string, folder: string, archive: string): string {
  return `
export LC_ALL=C
umask 077
cd -- ${quoteForShell(root)} || exit 1
${defineSha256('"$PWD"', false)}${defineBeat}
a=${quoteForShell(archive)}
f=${quoteForShell(folder)}
i=$PWD/incoming-${randomUUID()}
lost=
trap 'unbeat; cd /; rm -rf -- "$i"; [ "$lost" ] || rm -f -- "$a"' EXIT
trap 'lost=1; exit 1' HUP INT TERM PIPE
beat
mkdir -- "$i" && cd -- "$i" && gzip -dc <"$a" | tar xf - || exit 1
while read -r sum path; do
  case $(sha256 <"$path") in *"$sum"*) ;; *) echo "damaged=$path"; exit ${exitDamaged};; esac
done <${sumsPath}
cd ..
[ ! -e "$f" ] || mv -- "$f" "$i-old" || exit 1
mv -- "$i" "$f" || exit 1
rm -rf -- "$i-old"
find . -maxdepth 1 -name 'incoming-*' -mmin +60 -exec rm -rf -- {} + 2>/dev/null
ls -1dt runner-*/ 2>/dev/null | tail -n +${keptInstallations + 1} | while read -r d; do rm -rf -- "$d"; done
exit 0`;
}
