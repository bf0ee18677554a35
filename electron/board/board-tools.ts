/**
 * Shell lines that small boards need: every tool by whatever name the board has it, BusyBox included. They define
 * functions and never fail; a function that could not be defined is named in `$lacking`, one word each.
 */

/** Defines `sha256`, a filter from bytes to a line that holds their sha256 somewhere; `folder` may hold installed runners. */
export function defineSha256(quotedFolder: string): string {
  const program =
    'const h=require("node:crypto").createHash("sha256");process.stdin.on("data",(d)=>h.update(d)).on("end",()=>console.log(h.digest("hex")))';
  return `
works() { "$@" </dev/null >/dev/null 2>&1; }
if works sha256sum; then sha256() { sha256sum; }
elif works busybox sha256sum; then sha256() { busybox sha256sum; }
elif works shasum -a 256; then sha256() { shasum -a 256; }
elif works openssl dgst -sha256; then sha256() { openssl dgst -sha256; }
else
  hasher=
  for found in "$(command -v node)" ${quotedFolder}/runner-*/node "$HOME"/.fieldtune/runner-*/node; do
    [ ! -x "$found" ] || { hasher=$found; break; }
  done
  sha256() { NODE_OPTIONS= "$hasher" -e '${program}'; }
  [ "$hasher" ] || lacking="$lacking sha256sum"
fi`;
}

/** Defines `copy`, which copies bytes from its stdin to its stdout. */
export const defineCopy = `
if command -v cat >/dev/null 2>&1; then copy() { cat; }
elif command -v busybox >/dev/null 2>&1; then copy() { busybox cat; }
elif command -v dd >/dev/null 2>&1; then copy() { dd bs=65536; }
else lacking="$lacking cat"
fi`;

/** A sha256 as any of the tools prints it. */
export const sha256Pattern = /\b[0-9a-f]{64}\b/;

/** Whether a tool's complaint is about a full disk or quota; scripts set `LC_ALL=C`, so that it is in English. */
export function isDiskFull(complaints: string): boolean {
  return /no space left|disk quota|file too large/i.test(complaints);
}
