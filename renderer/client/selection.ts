import { createContext, useContext } from 'react';
import { readStored } from './stored.ts';

/** What the person works with: chosen once, seen on every place, changed by nobody else. */
export interface Selection {
  readonly board: { readonly address: string; readonly name: string } | null;
  readonly model: { readonly path: string; readonly name: string; readonly sha256: string | null } | null;
  readonly data: { readonly path: string; readonly name: string } | null;
  /** Addresses of the further boards of a run with several; missing: none. */
  readonly otherBoards?: readonly string[];
}

const storageKey = 'fieldtune.selection';
const nothing: Selection = { board: null, model: null, data: null };

/** The selection as the last window left it. */
export const loadSelection = (): Selection => ({
  ...nothing,
  ...readStored<Selection>('localStorage', storageKey),
});

/** Keeps the selection for the next window. */
export function keepSelection(selection: Selection): void {
  localStorage.setItem(storageKey, JSON.stringify(selection));
}

/** The selection and the way to change parts of it. */
export interface SelectionState {
  readonly selection: Selection;
  select(change: Partial<Selection>): void;
}

/** The selection of the window. */
export const SelectionContext = createContext<SelectionState | null>(null);

/** The selection; only inside `App`. */
export function useSelection(): SelectionState {
  const state = useContext(SelectionContext);
  if (!state) throw new Error('There is no selection here: render inside App.');
  return state;
}
