import type { RunnerRemoval } from '../../contract/api.ts';
import { ok, type Result } from '../../contract/result.ts';
import { type BoardShell, commandFailed, quoteForShell, type ShellError } from '../shell.ts';

/** What Fieldtune put on a board for its measurements, which can be deleted without any loss but that of time. */
export type RunnerRemains = Omit<RunnerRemoval, 'board' | 'deleted'>;

/** Looks at what `removeRunner` would delete. Errors: `boardLost`, `boardCommandFailed`, `cancelled`. */
export async function findRemains(
  shell: BoardShell,
  remoteRoot: string,
  signal: AbortSignal,
): Promise<Result<RunnerRemains, ShellError>> {
  const looked = await shell.run(`${defineRoots(remoteRoot)}\n${tellRemains}\nexit 0`, { signal });
  if (!looked.ok) return looked;
  if (looked.value.code !== 0) return commandFailed(shell.board, 'look for the runner', looked.value);
  return ok(readRemains(looked.value.output));
}

/**
 * Ends the runners at work and deletes every runner, the models sent for measurements and what an installation left;
 * the folder goes too when nothing else is in it. What else lies there, deployments above all, stays.
 * Gives what was deleted. Errors: `boardLost`, `boardCommandFailed`, `cancelled`.
 */
export async function removeRunner(
  shell: BoardShell,
  remoteRoot: string,
  signal: AbortSignal,
): Promise<Result<RunnerRemains, ShellError>> {
  const removed = await shell.run(`${defineRoots(remoteRoot)}\n${tellRemains}\n${deleteRemains}`, { signal });
  if (!removed.ok) return removed;
  if (removed.value.code !== 0) return commandFailed(shell.board, 'delete the runner', removed.value);
  return ok(readRemains(removed.value.output));
}

/** Defines `each`, which calls a function in every folder that a runner may have been put into. */
function defineRoots(remoteRoot: string): string {
  const first = remoteRoot.startsWith('/')
    ? quoteForShell(remoteRoot)
    : `"\${home%/}/"${quoteForShell(remoteRoot)}`;
  return `
export LC_ALL=C
home=; cd 2>/dev/null && home=$(pwd -P)
user=$(id -u 2>/dev/null || echo 0)
each() {
  for r in ${first} "/var/tmp/fieldtune-$user"; do
    [ -d "$r" ] && [ -O "$r" ] && (cd -- "$r" && "$1")
  done
}
# In two pieces, or this script would find itself.
mark=fieldtune-run; mark="\${mark}ner-"
runners() {
  for p in /proc/[0-9]*; do
    [ -O "$p" ] && grep -qaF -e "$mark" "$p/cmdline" 2>/dev/null && grep -qaF -e "$PWD" "$p/cmdline" 2>/dev/null && echo "\${p#/proc/}"
  done
}
# Models for measurements are called by their sha256; whatever else somebody put beside them is not ours.
hex='[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'
hex=$hex$hex$hex$hex$hex$hex$hex$hex
ours="runner-* incoming-* .try-* models/$hex.onnx models/$hex.onnx.part-*"`;
}

/** Prints lines of `name=number` for each folder. */
const tellRemains = `
count() { n=0; for f in "$@"; do [ ! -e "$f" ] || n=$((n + 1)); done; echo $n; }
tell() {
  set -- $ours
  [ "$(count "$@")" != 0 ] || return 0
  echo "folder=$PWD"
  echo "runners=$(count runner-*/)"
  echo "models=$(count models/$hex.onnx)"
  echo "temporary=$(count runner-*.tar.gz* incoming-* .try-*)"
  set -- $(runners)
  echo "running=$#"
  set -- $ours
  for f in "$@"; do [ ! -e "$f" ] || du -sk -- "$f" 2>/dev/null; done | { kib=0; while read -r k f; do kib=$((kib + k)); done; echo "kib=$kib"; }
}
each tell`;

const deleteRemains = `
end() {
  set -- $(runners)
  [ $# = 0 ] || kill "$@" 2>/dev/null
  tries=0
  while [ -n "$(runners)" ] && [ $tries -lt 5 ]; do sleep 1; tries=$((tries + 1)); done
  set -- $(runners)
  [ $# = 0 ] || kill -9 "$@" 2>/dev/null
}
delete() {
  end
  # One by one, and only what is there: a pattern that matches nothing is too long for a name.
  for f in $ours; do [ ! -e "$f" ] || rm -rf -- "$f" || exit 1; done
  rmdir models 2>/dev/null
  cd / && { rmdir -- "$r" 2>/dev/null; true; }
}
each delete
left() { set -- $ours; [ "$(count "$@")" = 0 ] || echo left >&2; }
[ -z "$(each left 2>&1)" ]`;

function readRemains(output: string): RunnerRemains {
  const numbersOf = (name: string): readonly number[] =>
    [...output.matchAll(new RegExp(`^${name}=\\s*(\\d+)\\s*$`, 'gm'))].map(([, digits]) => Number(digits));
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const kib = numbersOf('kib');
  return {
    folders: [...output.matchAll(/^folder=(.*)$/gm)].map(([, folder = '']) => folder),
    runners: sum(numbersOf('runners')),
    models: sum(numbersOf('models')),
    temporary: sum(numbersOf('temporary')),
    running: sum(numbersOf('running')),
    sizeBytes: kib.length === 0 ? null : sum(kib) * 1024,
  };
}
