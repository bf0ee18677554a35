import { fail, ok, type Result } from '../../contract/result.ts';
import { type BoardShell, commandFailed, type RunOptions, type ShellError } from '../shell.ts';
import { type DeploymentPlace, preludeOf } from './layout.ts';
import { type Journal, journalSchema, type Manifest, manifestSchema, readJson } from './manifest.ts';

/** What stands at a path of a board. */
export type PathKind =
  | 'missing'
  | 'plain'
  | 'managed'
  /** A link that is not ours. */
  | 'foreignLink'
  | 'directory'
  /** A device, a pipe or a socket. */
  | 'special';

/** The file that the path leads to. */
export interface ActiveFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Octal digits, owner and group as `stat` tells them. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  /** ISO 8601. */
  readonly modifiedAt: string;
}

/** A version that lies in our folder. */
export interface StoredRelease {
  readonly release: number;
  /** Null where it cannot be read. */
  readonly manifest: Manifest | null;
  /** Of the file itself; null where there is none or it was not asked for. */
  readonly sha256: string | null;
}

/** One look at a path of a board. */
export interface PathFacts {
  readonly kind: PathKind;
  readonly folderExists: boolean;
  readonly folderWritable: boolean;
  readonly folderReadOnly: boolean;
  /** Something of ours lies beside the path, be it the rest of a folder that was being removed. */
  readonly hasHome: boolean;
  /** Null where the path leads to no file. */
  readonly file: ActiveFile | null;
  /** The release that the path's link names; null unless managed. */
  readonly activeRelease: number | null;
  readonly releases: readonly StoredRelease[];
  readonly journal: Journal | null;
  /** There is a journal, but it cannot be read. */
  readonly journalUnreadable: boolean;
  /** What the lock says, as it is written; null: nobody works here. */
  readonly lock: string | null;
  /** Since the last sign of life of who holds the lock, by the board's own clock; null where there is none. */
  readonly quietSeconds: number | null;
  readonly freeBytes: number | null;
  /** The board's boot, told apart from all others; empty where the board does not tell. */
  readonly bootId: string;
}

const tools = ['sha256sum', 'readlink', 'stat', 'ln', 'mv', 'wc', 'cut', 'df', 'date'];
/** Hashing several versions on a slow card. */
const hashStallMs = 300_000;

/** What others wrote is printed by `printf`: some shells' `echo` takes a backslash in it for more than itself. */
const script = (place: DeploymentPlace, hashReleases: boolean): string => `${preludeOf(place)}
for t in ${tools.join(' ')}; do command -v "$t" >/dev/null 2>&1 || echo "missing=$t"; done
[ -d "$D" ] && echo folder=yes
[ -w "$D" ] && echo writable=yes
if [ -d "$D" ] && [ ! -w "$D" ]; then
  m=$(touch "$D/.fieldtune-probe" 2>&1) && rm -f "$D/.fieldtune-probe"
  case $m in *[Rr]ead-only*) echo readonly=yes;; esac
fi
for h in "$S" "$S".gone-*; do [ -d "$h" ] && echo home=yes; done
if [ -L "$P" ]; then
  t=$(readlink "$P"); r=\${t#".$N.fieldtune/releases/"}; r=\${r%"/$N"}
  case $r in ''|*[!0-9]*) echo kind=foreignLink;; *) echo kind=managed; echo "active=$r";; esac
elif [ -d "$P" ]; then echo kind=directory
elif [ -f "$P" ]; then echo kind=plain
elif [ -e "$P" ]; then echo kind=special
else echo kind=missing; fi
if [ -f "$P" ]; then
  echo "sha256=$(hash_of "$P")"
  echo "stat=$(stat -L -c '%a %u %g %Y %s' "$P")"
fi
[ -d "$D" ] && echo "free=$(df -Pk "$D" 2>/dev/null | tail -n 1)"
echo "boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"
if [ -d "$S" ]; then
  [ -L "$S/lock" ] && printf 'lock=%s\\n' "$(readlink "$S/lock")"
  [ -f "$S/journal" ] && printf 'journal=%s\\n' "$(cat "$S/journal")"
  b=; for f in "$S/beat" "$S"/incoming/*; do
    [ -e "$f" ] && m=$(stat -c %Y "$f") && { [ -z "$b" ] || [ "$m" -gt "$b" ]; } && b=$m
  done
  [ -n "$b" ] && echo "quiet=$(( $(date +%s) - b ))"
  for d in "$S"/releases/*; do
    [ -d "$d" ] || continue
    printf 'release=%s %s\\n' "\${d##*/}" "$(cat "$d/manifest.json" 2>/dev/null)"
    ${hashReleases ? '[ -f "$d/$N" ] && echo "hash=$(basename "$d") $(hash_of "$d/$N")"' : ':'}
  done
fi
exit 0`;

/**
 * Looks at a path without changing anything. `hashReleases`: also hash every version that lies there.
 * Errors: `boardUnsupported` (a tool is missing), `boardCommandFailed`, `boardLost`, `cancelled`.
 */
export async function inspectPath(
  shell: BoardShell,
  place: DeploymentPlace,
  { hashReleases = false, ...options }: RunOptions & { readonly hashReleases?: boolean } = {},
): Promise<Result<PathFacts, ShellError>> {
  const looked = await shell.run(script(place, hashReleases), { stallMs: hashStallMs, ...options });
  if (!looked.ok) return looked;
  if (looked.value.code !== 0) return commandFailed(shell.board, `look at ${place.path}`, looked.value);
  const lines = looked.value.output.split('\n').map((line) => line.trim());
  const missing = valuesOf(lines, 'missing');
  if (missing.length > 0)
    return fail({ kind: 'boardUnsupported', board: shell.board, missing: missing.join(', ') });
  const facts = readFacts(lines);
  return facts ? ok(facts) : commandFailed(shell.board, `look at ${place.path}`, looked.value);
}

const kinds: readonly PathKind[] = ['missing', 'plain', 'managed', 'foreignLink', 'directory', 'special'];

/** Reads the look's `name=value` lines; null when they say nothing usable. */
function readFacts(lines: readonly string[]): PathFacts | null {
  const [kindText] = valuesOf(lines, 'kind');
  const kind = kinds.find((one) => one === kindText);
  if (!kind) return null;
  const first = (name: string): string | null => valuesOf(lines, name)[0] ?? null;
  const freeKiB = Number(first('free')?.split(/\s+/)[3]);
  const hashes = new Map(valuesOf(lines, 'hash').map(splitNumber));
  const journalText = first('journal');
  const journal = journalText === null ? null : readJson(journalSchema, journalText);
  const active = first('active');
  const quiet = first('quiet');
  return {
    kind,
    folderExists: first('folder') === 'yes',
    folderWritable: first('writable') === 'yes',
    folderReadOnly: first('readonly') === 'yes',
    hasHome: first('home') === 'yes',
    file: readFile(first('sha256'), first('stat')),
    activeRelease: active === null ? null : Number(active),
    releases: valuesOf(lines, 'release')
      .map(splitNumber)
      .filter(([release]) => Number.isInteger(release) && release > 0)
      .map(([release, manifest]) => ({
        release,
        manifest: readJson(manifestSchema, manifest),
        sha256: hashes.get(release) ?? null,
      })),
    journal,
    journalUnreadable: journalText !== null && journal === null,
    lock: first('lock'),
    quietSeconds: quiet === null ? null : Math.max(0, Number(quiet) || 0),
    freeBytes: Number.isFinite(freeKiB) ? freeKiB * 1024 : null,
    bootId: first('boot') ?? '',
  };
}

function readFile(sha256: string | null, stat: string | null): ActiveFile | null {
  if (sha256 === null || stat === null || !/^[0-9a-f]{64}$/.test(sha256)) return null;
  const match = /^([0-7]{1,4}) (\d+) (\d+) (\d+) (\d+)$/.exec(stat);
  if (!match) return null;
  const [, mode, uid, gid, seconds, size] = match;
  return {
    sha256,
    sizeBytes: Number(size),
    mode: mode!,
    uid: Number(uid),
    gid: Number(gid),
    modifiedAt: new Date(Number(seconds) * 1000).toISOString(),
  };
}

const valuesOf = (lines: readonly string[], name: string): string[] =>
  lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));

function splitNumber(value: string): readonly [number, string] {
  const at = value.indexOf(' ');
  return at < 0 ? [Number(value), ''] : [Number(value.slice(0, at)), value.slice(at + 1)];
}

/** The manifest of the active version; null unless managed and readable. */
export const activeManifest = ({ releases, activeRelease }: PathFacts): Manifest | null =>
  releases.find(({ release }) => release === activeRelease)?.manifest ?? null;
