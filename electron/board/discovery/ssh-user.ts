import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import SshConfig, { LineType } from 'ssh-config';

/**
 * The user that `~/.ssh/config` names for a host; null where it names none. Sections that depend on a command
 * (`Match`) are left out: looking at a list must run nothing.
 */
export function userInSshConfig(host: string, file = join(homedir(), '.ssh', 'config')): string | null {
  try {
    const config = SshConfig.parse(readFileSync(file, 'utf8'));
    const plain = config.filter(
      (line) => line.type !== LineType.DIRECTIVE || line.param.toLowerCase() !== 'match',
    );
    const computed = new SshConfig(...plain).compute(host);
    const user = Object.entries(computed).find(([name]) => name.toLowerCase() === 'user')?.[1];
    return typeof user === 'string' && user !== '' ? user : null;
  } catch {
    // Without a configuration, or with one that cannot be read, nobody is suggested.
    return null;
  }
}
