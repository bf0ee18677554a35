import { useCallback, useMemo, useState } from 'react';
import type { OptimizeCall } from '../../../electron/contract/api.ts';
import type { BoardCard, DataCard, ModelCard, Settings } from '../../../electron/contract/views.ts';
import { boardChoice, cardAt } from '../../client/boards.ts';
import { type Selection, useSelection } from '../../client/selection.ts';
import { readStored } from '../../client/stored.ts';

/** The numbers of a run; null: what stands in the field is no number, or nothing where none is needed. */
export interface RunNumbers {
  readonly maxAccuracyDrop: number | null;
  readonly budgetSeconds: number | null;
  readonly threads: number | null;
  readonly groupSize: number | null;
  readonly seed: number | null;
  /** Null: as fast as the accuracy allows. */
  readonly targetSpeedup: number | null;
}
export type RunNumber = keyof RunNumbers;

/** What a number may be, in the unit in which it is kept. */
export const numberLimits: { readonly [N in RunNumber]: readonly [from: number, to: number] } = {
  maxAccuracyDrop: [0, 100],
  budgetSeconds: [1, 86_400],
  threads: [1, 64],
  groupSize: [1, 16],
  seed: [0, 2 ** 31],
  targetSpeedup: [1, 1000],
};

/** What has to be chosen or mended before a run can start. */
export type Missing = 'board' | 'model' | 'data' | Exclude<RunNumber, 'targetSpeedup'>;

/** What the lists of the app offer to choose from. */
export interface Offers {
  readonly boards: readonly BoardCard[];
  readonly models: readonly ModelCard[];
  readonly data: readonly DataCard[];
  readonly settings: Settings;
}

/** What the next run would be. */
export interface RunChoice {
  readonly board: { readonly address: string; readonly name: string } | null;
  /** Those that are timed beside it, without those that are not known any more. */
  readonly otherBoards: readonly { readonly address: string; readonly name: string }[];
  readonly model: { readonly path: string; readonly name: string; readonly sha256: string | null } | null;
  readonly data: { readonly path: string; readonly name: string } | null;
  readonly numbers: RunNumbers;
  /** The sample stands in because nothing was chosen. */
  readonly presetSample: boolean;
  /** The only known board stands in because none was chosen. */
  readonly presetBoard: boolean;
  readonly changed: boolean;
  readonly missing: readonly Missing[];
  /** Null while something is missing. */
  readonly call: OptimizeCall | null;
}

/** Makes the next run of what was selected, what was edited here, and the defaults for the rest. */
export function choiceOf(selection: Selection, edits: Partial<RunNumbers>, offers: Offers): RunChoice {
  const sample = offers.models.find(({ isSample }) => isSample) ?? null;
  const sampleData = offers.data.find(({ isSample }) => isSample) ?? null;
  const model = selection.model ?? sample;
  const usesSample = model !== null && model.path === sample?.path;
  const data = selection.data ?? (usesSample ? sampleData : null);
  const only = offers.boards.length === 1 ? (offers.boards[0] ?? null) : null;
  const chosen = selection.board ?? only;
  const renamed = chosen ? cardAt(offers.boards, chosen.address) : undefined;
  const board = chosen && { address: chosen.address, name: renamed?.name ?? chosen.name };
  const otherBoards = offers.boards
    .filter(({ address }) => address !== board?.address && selection.otherBoards?.includes(address))
    .map(({ address, name }) => ({ address, name }));
  const { maxAccuracyDrop, budgetSeconds, threads, groupSize, seed } = offers.settings;
  const defaults = { maxAccuracyDrop, budgetSeconds, threads, groupSize, seed, targetSpeedup: null };
  const numbers: RunNumbers = { ...defaults, ...edits };
  const missing: readonly Missing[] = [
    ...(board ? [] : ['board' as const]),
    ...(model ? [] : ['model' as const]),
    ...(data ? [] : ['data' as const]),
    ...(['maxAccuracyDrop', 'budgetSeconds', 'threads', 'groupSize', 'seed'] as const).filter(
      (name) => !isWithin(name, numbers[name]),
    ),
  ];
  const target = numbers.targetSpeedup;
  return {
    board,
    otherBoards,
    model: model && { path: model.path, name: model.name, sha256: model.sha256 },
    data: data && { path: data.path, name: data.name },
    numbers,
    presetSample: usesSample && selection.model === null,
    presetBoard: selection.board === null && board !== null,
    changed: Object.keys(edits).length > 0,
    missing,
    call:
      board && model && data && missing.length === 0
        ? {
            modelPath: model.path,
            dataPath: data.path,
            board: boardChoice(board.address),
            ...(otherBoards.length > 0 && {
              boards: [board, ...otherBoards].map(({ address }) => boardChoice(address)),
            }),
            // Nothing is missing, so each of these is a number.
            maxAccuracyDrop: numbers.maxAccuracyDrop!,
            budgetSeconds: numbers.budgetSeconds!,
            threads: numbers.threads!,
            groupSize: numbers.groupSize!,
            seed: numbers.seed!,
            ...(target !== null && isWithin('targetSpeedup', target) && { targetSpeedup: target }),
          }
        : null,
  };
}

/** Whether a number may be used as that setting of a run. */
function isWithin(name: RunNumber, value: number | null): boolean {
  const [from, to] = numberLimits[name];
  return value !== null && value >= from && value <= to;
}

const storageKey = 'fieldtune.run';

/** What a link presets: `?limit=1.5`, percentage points that may be lost. */
export function editsOfLink(search: string): Partial<RunNumbers> {
  const text = new URLSearchParams(search).get('limit');
  const limit = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return isWithin('maxAccuracyDrop', limit) ? { maxAccuracyDrop: limit } : {};
}

/** The next run and the ways to change it; edits of numbers live as long as the window's session. */
export function useRunChoice(offers: Offers): {
  readonly choice: RunChoice;
  edit(part: Partial<RunNumbers>): void;
  useDefaults(): void;
  /** Makes the choice of what was preset, so that the other places show what was run. */
  keepChoice(): void;
  selectModel(path: string): void;
  selectData(path: string): void;
  selectBoard(address: string): void;
  selectOtherBoards(addresses: readonly string[]): void;
} {
  const { selection, select } = useSelection();
  const [edits, setEdits] = useState(() => ({
    ...readStored<RunNumbers>('sessionStorage', storageKey),
    ...editsOfLink(window.location.search),
  }));
  const keep = useCallback((next: Partial<RunNumbers>) => {
    sessionStorage.setItem(storageKey, JSON.stringify(next));
    setEdits(next);
  }, []);
  const choice = useMemo(() => choiceOf(selection, edits, offers), [selection, edits, offers]);
  return {
    choice,
    edit: (part) => keep({ ...edits, ...part }),
    useDefaults: () => keep({}),
    keepChoice: () => select({ board: choice.board, model: choice.model, data: choice.data }),
    selectModel: (path) => {
      const model = offers.models.find((one) => one.path === path);
      if (!model) return;
      const sampleData = offers.data.find(({ isSample }) => isSample);
      const hadSampleData = choice.data !== null && choice.data.path === sampleData?.path;
      select({
        model: { path, name: model.name, sha256: model.sha256 },
        // The sample's data fits the sample only; other data may well fit several models.
        ...(model.isSample && sampleData && { data: { path: sampleData.path, name: sampleData.name } }),
        ...(!model.isSample && hadSampleData && { data: null }),
      });
    },
    selectData: (path) => {
      const data = offers.data.find((one) => one.path === path);
      if (data) select({ data: { path, name: data.name } });
    },
    selectOtherBoards: (otherBoards) => select({ otherBoards }),
    selectBoard: (address) => {
      const board = offers.boards.find((one) => one.address === address);
      if (board) select({ board: { address, name: board.name } });
    },
  };
}
