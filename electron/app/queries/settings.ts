import { settingsSchema } from '../../contract/calls.ts';
import { defaultSettings } from '../../contract/default-settings.ts';
import { ok } from '../../contract/result.ts';
import type { Settings } from '../../contract/views.ts';
import type { AppParts } from '../parts.ts';
import type { QueriesOf } from './query.ts';

/** The settings as they hold now; one that is stored in no form of today is as if it had not been set. */
export function readSettings({ store }: AppParts): Settings {
  const stored = store.settings.get();
  const sound = Object.entries(settingsSchema.shape)
    .filter(([key, schema]) => schema.safeParse(stored[key]).success)
    .map(([key]) => [key, stored[key]] as const);
  return settingsSchema.parse({ ...defaultSettings, ...Object.fromEntries(sound) });
}

/** What a person set. */
export const settingsQueries: QueriesOf<'settings'> = {
  'settings.get': (parts) => ok(readSettings(parts)),
  'settings.save': (parts, settings) => {
    const saved = parts.store.settings.save(settings);
    return saved.ok ? ok(readSettings(parts)) : saved;
  },
};
