import { useCallback, useRef, useState } from 'react';
import type { Settings } from '../../../electron/contract/views.ts';
import { type CallFailure, useAction } from '../../client/calls.ts';

/** The settings on the page and the way to change some of them at once. */
export interface EditedSettings {
  readonly settings: Settings;
  change(part: Partial<Settings>): void;
  /** Counts the times that a change was kept; 0: none yet. */
  readonly savedCount: number;
  readonly failure: CallFailure | null;
}

/** Shows a change at once, keeps it, and takes it back when it could not be kept. */
export function useSettings(stored: Settings): EditedSettings {
  const [draft, setDraft] = useState<Settings | null>(null);
  const [savedCount, setSavedCount] = useState(0);
  const save = useAction('settings.save');
  const settings = draft ?? stored;
  // A second change may come before the first is kept: it builds on that, not on what is stored.
  const latest = useRef(settings);
  if (draft === null) latest.current = stored;
  const { mutate } = save;
  const change = useCallback(
    (part: Partial<Settings>) => {
      const next = { ...latest.current, ...part };
      latest.current = next;
      setDraft(next);
      const settle = (): void => {
        if (latest.current === next) setDraft(null);
      };
      mutate(next, {
        onSuccess: () => {
          setSavedCount((count) => count + 1);
          settle();
        },
        onError: settle,
      });
    },
    [mutate],
  );
  return { settings, change, savedCount, failure: save.error };
}
