import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type Line, LineType, parse } from 'ssh-config';
import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { matchesPattern } from './known-hosts.ts';

/** One setting of an SSH configuration, with where it stands. */
export interface ConfigSetting {
  /** Lower case. */
  readonly name: string;
  readonly values: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** A part that could not be judged and was left out. */
export interface SkippedPart {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

/** What conditions of a configuration are judged by; `hostName` and `user` are as far as they are known by then. */
export interface ConfigSubject {
  readonly originalHost: string;
  readonly localUser: string;
  readonly hostName: () => string;
  readonly user: () => string;
}

/** A configuration file, and how it is read. */
export interface ConfigFile {
  readonly file: string;
  readonly home: string;
  /** Nobody but its owner may be able to write it, as OpenSSH demands of a person's own. */
  readonly checkOwner: boolean;
}

/** What a reading calls back with, in the order of the file. */
export interface ConfigReader {
  readonly subject: ConfigSubject;
  onSetting(setting: ConfigSetting): void;
  onSkipped(part: SkippedPart): void;
}

const mostBytes = 1024 * 1024;
const deepestInclude = 16;

/**
 * Reads the settings of a configuration file that hold for a host. `Host` and `Match all | host | originalhost |
 * user | localuser` are judged, nothing is ever executed; what else a `Match` asks for is told as skipped.
 * A missing file is empty. Errors: `sshConfigBroken`.
 */
export function readConfigFile(source: ConfigFile, reader: ConfigReader): Result<void, BoardError> {
  return readFile(source, reader, true, 0);
}

function readFile(
  source: ConfigFile,
  reader: ConfigReader,
  holds: boolean,
  depth: number,
): Result<void, BoardError> {
  const { file } = source;
  const broken = (line: number | null, reason: string): Result<never, BoardError> =>
    fail({ kind: 'sshConfigBroken', file, line, reason });
  if (depth > deepestInclude) return broken(null, 'its Include lines go in a circle');
  let lines: readonly PlacedLine[];
  try {
    const refusal = refusalOf(source);
    if (refusal !== null) return broken(null, refusal);
    lines = withPlaces(parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ok(undefined);
    return broken(null, error instanceof TypeError ? 'it is not well-formed' : messageOf(error));
  }
  let active = holds;
  for (const { line, number } of lines) {
    if (line.type !== LineType.DIRECTIVE) continue;
    const name = line.param.trim().toLowerCase();
    const values = valuesOf(line);
    if (values.length === 0 || values[0] === '') return broken(number, `${line.param.trim()} has no value`);
    if (name === 'host') {
      active = holds && matchesHostLine(values, reader.subject.originalHost);
    } else if (name === 'match') {
      const verdict = judgeMatch(values, reader.subject);
      if (verdict.kind === 'broken') return broken(number, verdict.reason);
      active = holds && verdict.kind === 'holds';
      if (holds && verdict.kind === 'unknown')
        reader.onSkipped({ file, line: number, what: `Match ${verdict.what}` });
    } else if (!active) {
      // Of another host.
    } else if (name === 'include') {
      const folder = source.checkOwner ? join(source.home, '.ssh') : dirname(file);
      for (const included of values.flatMap((pattern) => findIncluded(pattern, folder, source.home))) {
        const read = readFile({ ...source, file: included }, reader, true, depth + 1);
        if (!read.ok) return read;
      }
    } else reader.onSetting({ name, values, file, line: number });
  }
  return ok(undefined);
}

/** Why a file must not be used; throws what the system says when it cannot be looked at. */
function refusalOf({ file, checkOwner }: ConfigFile): string | null {
  const { size, mode, uid } = statSync(file);
  if (size > mostBytes) return 'it is larger than a configuration can be';
  if (!checkOwner || process.getuid === undefined) return null;
  if (uid !== 0 && uid !== process.getuid()) return 'it belongs to somebody else';
  return (mode & 0o022) === 0 ? null : 'others can write it: take that away with chmod go-w';
}

interface PlacedLine {
  readonly line: Line;
  /** From 1. */
  readonly number: number;
}

/** All lines in their order with their numbers, sections unfolded. */
function withPlaces(config: readonly Line[]): readonly PlacedLine[] {
  const placed: PlacedLine[] = [];
  let number = 1;
  const count = (text: string): void => {
    number += text.split('\n').length - 1;
  };
  const walk = (lines: readonly Line[]): void => {
    for (const line of lines) {
      count(line.before);
      placed.push({ line, number });
      count(line.after);
      if ('config' in line) walk(line.config);
    }
  };
  walk(config);
  return placed;
}

function valuesOf(line: Extract<Line, { readonly param: string }>): readonly string[] {
  return typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val);
}

function matchesHostLine(patterns: readonly string[], host: string): boolean {
  const isNegated = (pattern: string): boolean => pattern.startsWith('!');
  if (patterns.some((pattern) => isNegated(pattern) && matches(pattern.slice(1), host))) return false;
  return patterns.some((pattern) => !isNegated(pattern) && matches(pattern, host));
}

const matches = (pattern: string, text: string): boolean =>
  matchesPattern(pattern.toLowerCase(), text.toLowerCase());

type MatchVerdict =
  | { readonly kind: 'holds' | 'fails' }
  | { readonly kind: 'unknown'; readonly what: string }
  | { readonly kind: 'broken'; readonly reason: string };

/** All criteria must hold; one that fails decides even beside one that cannot be judged. */
function judgeMatch(words: readonly string[], subject: ConfigSubject): MatchVerdict {
  const texts: Readonly<Record<string, () => string>> = {
    host: subject.hostName,
    originalhost: () => subject.originalHost,
    user: subject.user,
    localuser: () => subject.localUser,
  };
  let unknown: string | null = null;
  let fails = false;
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? '').toLowerCase();
    const negated = word.startsWith('!');
    const name = negated ? word.slice(1) : word;
    if (name === 'all') {
      fails ||= negated;
      continue;
    }
    if (name === 'canonical' || name === 'final') {
      unknown ??= name;
      continue;
    }
    at += 1;
    const value = words[at];
    if (value === undefined) return { kind: 'broken', reason: `Match ${name} has no value` };
    const text = texts[name];
    if (text === undefined) unknown ??= name;
    else if (matchesHostLine(value.split(','), text()) === negated) fails = true;
  }
  if (fails) return { kind: 'fails' };
  return unknown === null ? { kind: 'holds' } : { kind: 'unknown', what: unknown };
}

function findIncluded(pattern: string, folder: string, home: string): readonly string[] {
  const expanded = pattern === '~' || pattern.startsWith('~/') ? join(home, pattern.slice(1)) : pattern;
  const path = isAbsolute(expanded) ? expanded : join(folder, expanded);
  return globSync(path).sort();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
