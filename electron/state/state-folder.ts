import { join } from 'node:path';

/** What decides where Fieldtune keeps its history and logs. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The folder of the history and logs: `FIELDTUNE_HOME`, or what is usual on this system. */
export function stateFolderOf({ platform, home, env }: Surroundings): string {
  const own = env.FIELDTUNE_HOME;
  if (own !== undefined && own !== '') return own;
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Fieldtune');
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Fieldtune');
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'fieldtune');
}
