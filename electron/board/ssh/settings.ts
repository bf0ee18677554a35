import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { type ConfigSetting, readConfigFile, type SkippedPart } from './ssh-config-file.ts';

/** Where SSH keeps a person's and the system's files. */
export interface SshFolders {
  /** The person's home, which holds `.ssh`. */
  readonly home: string;
  /** Holds `ssh_config` and `ssh_known_hosts`. */
  readonly system: string;
}

/** How to get to one host, and what to show it. */
export interface SshSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths; null: the usual files. */
  readonly identityFiles: readonly string[] | null;
  /** Of the agent's keys only those of the files are shown. */
  readonly identitiesOnly: boolean;
  /** Socket of the agent; null: none. */
  readonly agent: string | null;
  /** As written, `[user@]host[:port]` with commas; null: straight to the host. */
  readonly proxyJump: string | null;
  /** Stands for the host in lists of keys, whatever its name and port; null: those. */
  readonly hostKeyAlias: string | null;
  /** OpenSSH's own lists of known hosts. */
  readonly knownHostsFiles: readonly string[];
  /** Methods in their order; null: all. */
  readonly preferredMethods: readonly string[] | null;
  readonly skipped: readonly SkippedPart[];
}

/** What an address says by itself, which goes before any file. */
export interface AskedHost {
  readonly host: string;
  readonly user: string | null;
  readonly port: number | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

const windowsAgent = '\\\\.\\pipe\\openssh-ssh-agent';

/** The folders of this computer. */
export function usualSshFolders(environment: Environment = process.env): SshFolders {
  return {
    home: environment.HOME ?? environment.USERPROFILE ?? userInfo().homedir,
    system:
      process.platform === 'win32' ? join(environment.ProgramData ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh',
  };
}

/**
 * Reads what a person's and the system's SSH configuration say about a host; the first value of a setting counts,
 * and the address goes before both. Errors: `sshConfigBroken`.
 */
export function readSshSettings(
  asked: AskedHost,
  folders: SshFolders,
  environment: Environment = process.env,
): Result<SshSettings, BoardError> {
  const localUser = userInfo().username;
  const found = new Map<string, ConfigSetting>();
  const identityFiles: ConfigSetting[] = [];
  const skipped: SkippedPart[] = [];
  const first = (name: string): string | undefined => found.get(name)?.values[0];
  const reader = {
    subject: {
      originalHost: asked.host,
      localUser,
      hostName: () => first('hostname')?.replaceAll('%h', asked.host) ?? asked.host,
      user: () => asked.user ?? first('user') ?? localUser,
    },
    onSetting: (setting: ConfigSetting) => {
      if (setting.name === 'identityfile') identityFiles.push(setting);
      else if (!found.has(setting.name)) found.set(setting.name, setting);
    },
    onSkipped: (part: SkippedPart) => skipped.push(part),
  };
  const { home, system } = folders;
  for (const source of [
    { file: join(home, '.ssh', 'config'), home, checkOwner: true },
    { file: join(system, 'ssh_config'), home, checkOwner: false },
  ]) {
    const read = readConfigFile(source, reader);
    if (!read.ok) return read;
  }

  try {
    const port = asked.port ?? portOf(found.get('port'));
    const user = reader.subject.user();
    const hostSetting = found.get('hostname');
    const host = hostSetting ? expand(hostSetting, 0, { h: asked.host }) : asked.host;
    const alias = first('hostkeyalias') ?? null;
    const tokens = {
      h: host,
      n: asked.host,
      p: String(port),
      r: user,
      u: localUser,
      d: home,
      l: hostname(),
      L: hostname().split('.')[0] ?? '',
      i: String(process.getuid?.() ?? ''),
      k: alias ?? asked.host,
    };
    const pathOf = (setting: ConfigSetting, at = 0): string =>
      withHome(withVariables(expand(setting, at, tokens), setting, environment), home);
    const pathsOf = (setting: ConfigSetting | undefined, usual: readonly string[]): readonly string[] => {
      if (setting === undefined) return usual;
      if (setting.values.length === 1 && setting.values[0]?.toLowerCase() === 'none') return [];
      return setting.values.map((_, at) => pathOf(setting, at));
    };
    const command = found.get('proxycommand');
    const jump = found.get('proxyjump');
    // Of the two the first one counts; a way by a command that is not gone by would lead to another host.
    const isByCommand = command !== undefined && first('proxycommand')?.toLowerCase() !== 'none';
    if (isByCommand && jump === undefined)
      throw new Broken(command, 'ProxyCommand is not supported: use ProxyJump, or give an address');
    return ok({
      host,
      port,
      user,
      identityFiles: identityFiles.length === 0 ? null : identityFiles.flatMap((one) => pathsOf(one, [])),
      identitiesOnly: first('identitiesonly')?.toLowerCase() === 'yes',
      agent: agentOf(found.get('identityagent'), pathOf, environment),
      proxyJump:
        jump === undefined || first('proxyjump')?.toLowerCase() === 'none' ? null : expand(jump, 0, tokens),
      hostKeyAlias: alias,
      knownHostsFiles: [
        ...pathsOf(found.get('userknownhostsfile'), [
          join(home, '.ssh', 'known_hosts'),
          join(home, '.ssh', 'known_hosts2'),
        ]),
        ...pathsOf(found.get('globalknownhostsfile'), [
          join(system, 'ssh_known_hosts'),
          join(system, 'ssh_known_hosts2'),
        ]),
      ],
      preferredMethods: first('preferredauthentications')?.toLowerCase().split(',') ?? null,
      skipped,
    });
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const { file, line } = error.setting;
    return fail({ kind: 'sshConfigBroken', file, line, reason: error.message });
  }
}

/** Carries what is wrong with a setting out of its reading; never leaves this file. */
class Broken extends Error {
  readonly setting: ConfigSetting;
  constructor(setting: ConfigSetting, reason: string) {
    super(reason);
    this.setting = setting;
  }
}

function portOf(setting: ConfigSetting | undefined): number {
  if (setting === undefined) return 22;
  const port = Number(setting.values[0]);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Broken(setting, 'Port is not a port');
  return port;
}

function expand(setting: ConfigSetting, at: number, tokens: Readonly<Record<string, string>>): string {
  return (setting.values[at] ?? '').replace(/%(.?)/g, (_, letter: string) => {
    if (letter === '%') return '%';
    const value = Object.hasOwn(tokens, letter) ? tokens[letter] : undefined;
    if (value === undefined) throw new Broken(setting, `%${letter} has no meaning here`);
    return value;
  });
}

function withVariables(text: string, setting: ConfigSetting, environment: Environment): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = environment[name];
    if (value === undefined) throw new Broken(setting, `the environment has no ${name}`);
    return value;
  });
}

function withHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

function agentOf(
  setting: ConfigSetting | undefined,
  pathOf: (setting: ConfigSetting) => string,
  environment: Environment,
): string | null {
  const usual = environment.SSH_AUTH_SOCK || (process.platform === 'win32' ? windowsAgent : null);
  const written = setting?.values[0];
  if (setting === undefined || written === undefined || written === 'SSH_AUTH_SOCK') return usual;
  if (written.toLowerCase() === 'none') return null;
  return written.startsWith('$') && !written.startsWith('${')
    ? (environment[written.slice(1)] ?? null)
    : pathOf(setting);
}
