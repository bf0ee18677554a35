import { parseBoardAddress } from './address.ts';
import { nameHop } from './ssh/route.ts';
import { readSshSettings, type SshFolders, usualSshFolders } from './ssh/settings.ts';

/**
 * An address written out in full, with the user and the port that the SSH configuration or the usual ones fill in,
 * so that one board has one address however it was typed; one that is none stays as it is.
 */
export function writtenAddress(address: string, folders: SshFolders = usualSshFolders()): string {
  const parsed = parseBoardAddress(address);
  if (!parsed.ok) return address;
  if (parsed.value.kind !== 'ssh') return 'text' in parsed.value ? String(parsed.value.text) : address;
  const settings = readSshSettings(parsed.value, folders);
  // The connect says what is wrong with the configuration.
  if (!settings.ok) return parsed.value.port === null ? `${parsed.value.text}:22` : parsed.value.text;
  return nameHop(parsed.value, settings.value);
}
