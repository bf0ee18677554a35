import { userInfo } from 'node:os';
import { readSshSettings, type SshFolders, usualSshFolders } from '../ssh/settings.ts';

/** The user that the SSH configuration names for a host; null where it names none, or none but the local one. */
export function userInSshConfig(host: string, folders: SshFolders = usualSshFolders()): string | null {
  const settings = readSshSettings({ host, user: null, port: null }, folders);
  // The connect says what is wrong with the configuration.
  if (!settings.ok || settings.value.user === userInfo().username) return null;
  return settings.value.user;
}
