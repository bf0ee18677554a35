import type { BoardError, DeployError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { type CommandOutcome, commandFailed, quoteForShell } from '../shell.ts';
import type { ActiveFile, PathFacts } from './inspect.ts';
import { type DeployFailure, linkTarget, spareBytes } from './layout.ts';
import { type Held, heldPrelude, scriptExits } from './lock.ts';
import type { Journal, Manifest } from './manifest.ts';

/** What is at the path now; the switch is refused when it is something else by then. */
export type Before =
  | { readonly kind: 'missing' }
  | { readonly kind: 'managed'; readonly release: number }
  /** Becomes a version of its own, with this manifest, in the same switch. */
  | { readonly kind: 'plain'; readonly sha256: string; readonly keepAs: number; readonly manifest: Manifest };

/** A switch of the path to another version. */
export interface Activation {
  readonly before: Before;
  readonly target: number;
  readonly manifest: Manifest;
  /** Where the bytes come from: uploaded ones, or a version that is there. */
  readonly source: 'incoming' | { readonly release: number };
  /** Mode and owner that the file gets; null: as it was uploaded. */
  readonly as: Pick<ActiveFile, 'mode' | 'uid' | 'gid'> | null;
}

/** Flushing and hashing on a slow card, while nothing moves over the link. */
const slowStallMs = 300_000;
/** Journal, manifest, link and folder of a way back, on blocks of 4 KiB with room to spare. */
const reservedBytes = 64 * 1024;

/** File under `incoming/` that an upload goes to. */
export const incomingPath = ({ place }: Held, sha256: string): string =>
  `${place.home}/incoming/${sha256}.onnx`;

/**
 * The steps of a switch. Version and manifest are made whole and flushed beside what is in use, then one `rename(2)`
 * changes both at once: the link at the path names the folder that holds the model and the manifest. Cut off after
 * whatever step, the path leads to the old or the new model, and the manifest beside it is the one of that model.
 *
 * Plain `mv -f` is atomic here and on every board: a link to a file, or a file, is renamed over; only a link to a
 * folder would be moved into, and that is never made.
 */
export function activationSteps({ place }: Held, activation: Activation): readonly string[] {
  const { before, target, manifest, source, as } = activation;
  const hash = manifest.active.sha256;
  const from = source === 'incoming' ? `"$S/incoming/${hash}.onnx"` : `"$S/releases/${source.release}/$N"`;
  const release = `"$S/releases/${target}"`;
  const file = `"$S/releases/${target}/$N"`;
  return [
    `rm -rf ${release} "$S/link" && mkdir ${release} || exit 1`,
    `ln ${from} ${file} 2>/dev/null || cp ${from} ${file} || exit 1`,
    ...(as ? [ownership(file, as)] : []),
    `[ "$(hash_of ${file})" = ${hash} ] || exit ${scriptExits.corrupted}`,
    ...(before.kind === 'plain' ? keepPlain(before) : []),
    `write "$S/releases/${target}/manifest.json" ${quoteForShell(JSON.stringify(manifest))} || exit 1`,
    `flush ${file} "$S/releases/${target}/manifest.json" ${release} "$S/releases" || exit 1`,
    `ln -s ${quoteForShell(linkTarget(place, target))} "$S/link" || exit 1`,
    'own',
    `${unchanged(before, (number) => linkTarget(place, number))} || exit ${scriptExits.changed}
mv -f "$S/link" "$P" || exit 1`,
    'flush "$D" "$S"',
  ];
}

/** Mode and owner as the old file had them; who may not give files away says so. */
const ownership = (file: string, { mode, uid, gid }: NonNullable<Activation['as']>): string =>
  `chown ${uid}:${gid} ${file} 2>/dev/null || [ "$(stat -c '%u %g' ${file})" = '${uid} ${gid}' ] || echo owner=other
chmod ${mode} ${file} || exit 1
command -v chcon >/dev/null 2>&1 && chcon --reference="$P" ${file} 2>/dev/null
:`;

/** The plain file becomes a version: by a second name for it, or a copy where the system allows no second name. */
function keepPlain({
  sha256,
  keepAs,
  manifest,
}: Extract<Before, { readonly kind: 'plain' }>): readonly string[] {
  const release = `"$S/releases/${keepAs}"`;
  const file = `"$S/releases/${keepAs}/$N"`;
  return [
    `rm -rf ${release} && mkdir ${release} || exit 1`,
    `ln "$P" ${file} 2>/dev/null || cp -p "$P" ${file} || exit 1`,
    `[ "$(hash_of ${file})" = ${sha256} ] || exit ${scriptExits.changed}`,
    `write "$S/releases/${keepAs}/manifest.json" ${quoteForShell(JSON.stringify(manifest))} || exit 1`,
    `flush ${file} "$S/releases/${keepAs}/manifest.json" ${release} || exit 1`,
  ];
}

function unchanged(before: Before, target: (release: number) => string): string {
  switch (before.kind) {
    case 'missing':
      return '[ ! -e "$P" ] && [ ! -L "$P" ]';
    case 'managed':
      return `[ "$(readlink "$P")" = ${quoteForShell(target(before.release))} ]`;
    case 'plain':
      return `[ -f "$P" ] && [ ! -L "$P" ] && [ "$(hash_of "$P")" = ${before.sha256} ]`;
  }
}

/**
 * The step that sets room aside before a switch, in bytes that no file system makes smaller: a disk that fills up
 * behind the switch must not keep the model before from coming back.
 */
export const reserveSteps = (): readonly string[] => [
  `head -c ${reservedBytes} /dev/urandom | cat >"$S/reserve" && flush "$S/reserve" || exit 1`,
];

/** The step that gives that room back. */
export const freeReserveSteps = (): readonly string[] => ['rm -f "$S/reserve"'];

/** The steps that give a plain file back: the active version under its own name, then our folder away. */
export function unmanageSteps({ place, owner }: Held, release: number, sha256: string): readonly string[] {
  const file = `"$S/releases/${release}/$N"`;
  const gone = quoteForShell(`${place.home}.gone-${owner.token}`);
  return [
    `rm -f "$S/plain"; ln ${file} "$S/plain" 2>/dev/null || cp -p ${file} "$S/plain" || exit 1`,
    `[ "$(hash_of "$S/plain")" = ${sha256} ] || exit ${scriptExits.changed}`,
    'flush "$S/plain" || exit 1',
    'own',
    `[ "$(readlink "$P")" = ${quoteForShell(linkTarget(place, release))} ] || exit ${scriptExits.changed}
mv -f "$S/plain" "$P" || exit 1`,
    'flush "$D"',
    ...removeHome(gone),
  ];
}

/** Renamed first: who comes meanwhile finds no half of it, and never loses a lock that was just taken. */
const removeHome = (gone: string): readonly string[] => [`mv "$S" ${gone}`, `rm -rf ${gone}`];

/** The steps that end a piece of work which is done: versions too many, the upload, the journal and the lock go. */
export function settleSteps(drop: readonly number[]): readonly string[] {
  return [
    `rm -rf "$S"/incoming/* ${drop.map((release) => `"$S/releases/${release}"`).join(' ')}`,
    'rm -f "$S/journal" "$S/journal.new" "$S/link" "$S/plain" "$S/said" "$S/reserve"',
    'own; rm -f "$S/beat" "$S/pid" "$S/lock"',
  ];
}

/** The steps that end a piece of work which did not come to its switch; nothing of ours stays where nothing was managed. */
export function abandonSteps({ place, owner }: Held, releases: readonly number[]): readonly string[] {
  const isOurs = '[ -L "$P" ] && case $(readlink "$P") in ".$N.fieldtune/releases/"*) true;; *) false;; esac';
  const gone = quoteForShell(`${place.home}.gone-${owner.token}`);
  return [
    `rm -rf "$S/link" "$S/plain" "$S/said" "$S/reserve" "$S"/incoming/* ${releases.map((release) => `"$S/releases/${release}"`).join(' ')}`,
    'rm -f "$S/journal" "$S/journal.new"',
    `own
if ${isOurs}; then rm -f "$S/beat" "$S/pid" "$S/lock"; else mv "$S" ${gone} && rm -rf ${gone}; fi`,
  ];
}

/** The steps that take a model away from a path where nothing was before. */
export const withdrawSteps = (held: Held, release: number): readonly string[] => [
  `[ "$(readlink "$P")" = ${quoteForShell(linkTarget(held.place, release))} ] || exit ${scriptExits.changed}
rm -f "$P" || exit 1`,
  'flush "$D"',
  ...abandonSteps(held, [release]),
];

/** The step that notes what is about to happen. */
export const journalSteps = (journal: Journal): readonly string[] => [
  `write "$S/journal.new" ${quoteForShell(JSON.stringify(journal))} && flush "$S/journal.new" || exit 1`,
  'mv -f "$S/journal.new" "$S/journal" || exit 1',
];

/** Runs steps as one script; what they printed. Errors: `deployChanged`, `boardCorrupted`, `boardDiskFull`, `boardCommandFailed`, those of the link. */
export async function runSteps(
  held: Held,
  what: string,
  steps: readonly string[],
): Promise<Result<string, DeployFailure>> {
  const { shell, place } = held;
  const ran = await shell.run([heldPrelude(held), ...steps].join('\n'), { stallMs: slowStallMs });
  if (!ran.ok) return ran;
  if (ran.value.code === 0) return ok(ran.value.output);
  return fail(stepFailure(held, what, ran.value, place.path));
}

function stepFailure(
  { shell: { board }, place }: Held,
  what: string,
  outcome: CommandOutcome,
  path: string,
): BoardError | DeployError {
  if (outcome.code === scriptExits.changed || outcome.code === scriptExits.lockLost)
    return { kind: 'deployChanged', board, path };
  if (outcome.code === scriptExits.corrupted) return { kind: 'boardCorrupted', board, file: path };
  if (/no space left|disk quota/i.test(outcome.complaints))
    return { kind: 'boardDiskFull', board, folder: place.folder, neededBytes: spareBytes };
  const failed = commandFailed(board, what, outcome);
  return failed.ok ? { kind: 'deployChanged', board, path } : failed.error;
}

/** The number after all that were ever given out here. */
export const nextRelease = ({ releases }: PathFacts): number =>
  1 + Math.max(0, ...releases.map(({ release }) => release));

/** Versions to be removed: all but the newest `keep`, the active one and the way home. */
export function dropReleases(
  releases: PathFacts['releases'],
  active: Manifest,
  keep: number,
): readonly number[] {
  const kept = new Set([active.active.release, active.previous?.release]);
  const others = releases
    .map(({ release }) => release)
    .filter((release) => !kept.has(release))
    .sort((a, b) => b - a);
  return others.slice(Math.max(0, keep - kept.size));
}
