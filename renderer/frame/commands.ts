import { useEffect, useSyncExternalStore } from 'react';

/** Something that a person can do from the palette. */
export interface Command {
  /** Stable, such as `run.start`. */
  readonly id: string;
  readonly title: string;
  /** As it is shown, such as `Ctrl+Enter`. */
  readonly shortcut?: string;
  perform(): void;
}

const added = new Set<readonly Command[]>();
const listeners = new Set<() => void>();
let all: readonly Command[] = [];

function tell(): void {
  all = [...added].flat();
  for (const listener of listeners) listener();
}

/** Offers commands in the palette while the caller is on the page; `commands` should be kept in a memo. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    added.add(commands);
    tell();
    return () => {
      added.delete(commands);
      tell();
    };
  }, [commands]);
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The commands of what is on the page now. */
export const useAddedCommands = (): readonly Command[] => useSyncExternalStore(subscribe, () => all);
