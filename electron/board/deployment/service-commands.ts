import { ok, type Result } from '../../contract/result.ts';
import { quoteForShell, type ShellError } from '../shell.ts';
import { type Held, heldPrelude } from './lock.ts';

/** How a command of the customer's service ended. */
export interface CommandEnd {
  readonly ok: boolean;
  /** The last of what it printed, or how it ended; foreign text. */
  readonly reason: string;
  readonly seconds: number;
}

/** Longest time for a restart. */
export const restartTimeoutSeconds = 120;

/** A sign of life goes over the link every second, so only a dead link is silent for this long. */
const linkStallMs = 60_000;

/**
 * Shell function `limited SECONDS COMMAND`: runs a command with a time limit, 124 when it was cut off. A dot a second
 * tells the link that the board lives, and the lock that somebody works.
 */
const limited = `limited() {
  sh -c "$2" >"$S/said" 2>&1 </dev/null & c=$!
  e=$(( $(date +%s) + $1 ))
  while kill -0 $c 2>/dev/null; do
    if [ "$(date +%s)" -ge "$e" ]; then kill -TERM $c 2>/dev/null; sleep 1; kill -9 $c 2>/dev/null; wait $c 2>/dev/null; return 124; fi
    : >"$S/beat"; echo .
    sleep 0.2 2>/dev/null || sleep 1
  done
  wait $c
}
say_end() { echo "ended=$1"; printf 'said=%s\\n' "$(tail -c 600 "$S/said" 2>/dev/null | tr '\\n' ' ')"; rm -f "$S/said"; }`;

/** Runs the restart command once on the board, for at most `restartTimeoutSeconds`. Errors: those of the link. */
export async function runRestart(
  held: Held,
  command: string,
  signal?: AbortSignal,
): Promise<Result<CommandEnd, ShellError>> {
  const script = `${limited}
limited ${restartTimeoutSeconds} ${quoteForShell(command)}; say_end $?`;
  return runCommand(held, script, restartTimeoutSeconds, signal);
}

/** Runs the health command until it ends with 0, once a second, for at most `timeoutSeconds`. Errors: those of the link. */
export async function runHealth(
  held: Held,
  command: string,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<Result<CommandEnd, ShellError>> {
  const script = `${limited}
t=$(( $(date +%s) + ${Math.ceil(timeoutSeconds)} )); s=1
while :; do
  l=$(( t - $(date +%s) )); [ $l -ge 1 ] || l=1
  limited $l ${quoteForShell(command)}; s=$?
  [ $s -eq 0 ] && break
  [ "$(date +%s)" -ge "$t" ] && break
  sleep 1; echo .
done
say_end $s`;
  return runCommand(held, script, timeoutSeconds, signal);
}

async function runCommand(
  held: Held,
  script: string,
  limitSeconds: number,
  signal: AbortSignal | undefined,
): Promise<Result<CommandEnd, ShellError>> {
  const started = performance.now();
  const ran = await held.shell.run(`${heldPrelude(held)}\n${script}`, {
    stallMs: linkStallMs,
    ...(signal ? { signal } : {}),
  });
  if (!ran.ok) return ran;
  const { output, code, signal: killedBy } = ran.value;
  const ended = /^ended=(\d+)$/m.exec(output)?.[1];
  const said = /^said=(.*)$/m.exec(output)?.[1]?.trim() ?? '';
  const seconds = (performance.now() - started) / 1000;
  if (ended === '0') return ok({ ok: true, reason: said, seconds });
  if (ended === undefined) {
    const how = killedBy ?? (code === null ? 'the board closed the link' : `exit code ${code}`);
    return ok({ ok: false, reason: how, seconds });
  }
  const how = ended === '124' ? `no end within ${limitSeconds} s` : `exit code ${ended}`;
  return ok({ ok: false, reason: said === '' ? how : `${how}: ${said}`, seconds });
}
