import type { ComponentType } from 'react';
import { texts } from '../language/language.ts';

/** Names of the places, and of what the frame says. */
export const frameTexts = texts(
  'frame',
  {
    boards: 'Boards',
    models: 'Models and data',
    run: 'Run',
    compare: 'Compare',
    history: 'History',
    report: 'Report',
    settings: 'Settings',
    places: 'Places',
    skip: 'Skip to the content',
    noBoard: 'No board chosen',
    board: 'Board',
    offline: 'The connection to Fieldtune is lost; it is being tried again. Running work goes on.',
    cancel: 'Cancel',
    cancelling: 'Stopping …',
    goTo: 'Go to …',
    palette: 'Commands (Ctrl+K)',
    nothingFound: 'No command has this name.',
    working: '{{what}} on {{board}}',
    connectingTo: 'Connecting to {{board}}',
    'job.connect': 'Connecting',
    'job.profile': 'Profiling',
    'job.optimize': 'Optimizing',
    'job.compare': 'Comparing',
    'job.deploy': 'Putting a model on the board',
    'job.rollback': 'Rolling back',
    'job.unmanage': 'Giving back the plain file',
    'job.checkDeployments': 'Looking at its models',
    'job.removeRunner': 'Removing Fieldtune',
    'job.trial': 'In a trial',
    notFound: 'There is no such page',
    notFoundHint: 'The address names no place of this window. Choose one on the left.',
  },
  {
    boards: 'ボード',
    models: 'モデルとデータ',
    run: '実行',
    compare: '比較',
    history: '履歴',
    report: 'レポート',
    settings: '設定',
    places: '画面の一覧',
    skip: '本文へ移動',
    noBoard: 'ボード未選択',
    board: 'ボード',
    offline: 'Fieldtune との接続が切れました。再接続しています。実行中の作業は続いています。',
    cancel: '中止',
    cancelling: '停止中 …',
    goTo: '移動先 …',
    palette: 'コマンド（Ctrl+K）',
    nothingFound: 'この名前のコマンドはありません。',
    working: '{{board}}：{{what}}',
    connectingTo: '{{board}} に接続中',
    'job.connect': '接続中',
    'job.profile': 'プロファイル中',
    'job.optimize': '最適化中',
    'job.compare': '比較中',
    'job.deploy': 'モデルを配置中',
    'job.rollback': '切り戻し中',
    'job.unmanage': '通常のファイルに復元中',
    'job.checkDeployments': 'モデルを確認中',
    'job.removeRunner': 'Fieldtune を削除中',
    'job.trial': '試行中',
    notFound: 'ページが見つかりません',
    notFoundHint: 'このアドレスに対応する画面はありません。左の一覧から選んでください。',
  },
);

/** The seven places in the order of the rail; each is a part of the bundle of its own. */
export const places = [
  place('boards', async () => (await import('../places/boards/Boards.tsx')).Boards),
  place('models', async () => (await import('../places/models/Models.tsx')).Models),
  place('run', async () => (await import('../places/run/Run.tsx')).Run),
  place('compare', async () => (await import('../places/compare/Compare.tsx')).Compare),
  place('history', async () => (await import('../places/history/History.tsx')).History),
  place('report', async () => (await import('../places/report/Report.tsx')).Report),
  place('settings', async () => (await import('../places/settings/Settings.tsx')).Settings),
] as const;

/** What a place shows; `id` is the second part of its address. */
export type View = ComponentType<{ readonly id: string | null }>;

/** A part of the bundle that is fetched once. */
export interface Place<N extends string> {
  readonly name: N;
  /** Null until it was fetched. */
  readonly view: () => View | null;
  readonly load: () => Promise<View>;
}

function place<N extends string>(name: N, fetchView: () => Promise<View>): Place<N> {
  let view: View | null = null;
  return {
    name,
    view: () => view,
    load: async () => {
      view ??= await fetchView();
      return view;
    },
  };
}

/** How long the first place has the page for itself: it waits for its own answers and looks idle meanwhile. */
const quietMs = 1_500;

/** Fetches the place that the address names at once, and the others when the page has nothing else to do. */
export function fetchPlaces(path: string): void {
  const first = places.find(({ name }) => isAt(path, name)) ?? places[0];
  const others = places.filter((one) => one !== first);
  const fetchOthers = (): void => {
    // One after the other, so that none holds up what the person does.
    const next = others.shift();
    if (next) requestIdleCallback(() => void next.load().then(fetchOthers, () => undefined));
  };
  void first.load().then(
    () => setTimeout(fetchOthers, quietMs),
    () => undefined,
  );
}
export type PlaceName = (typeof places)[number]['name'];

/** The address of a place, with the id of what it shows. */
export const linkTo = (place: PlaceName, id?: string): string =>
  id === undefined ? `/${place}` : `/${place}/${encodeURIComponent(id)}`;

/** Whether an address shows a place. */
export const isAt = (path: string, place: PlaceName): boolean =>
  path === linkTo(place) || path.startsWith(`${linkTo(place)}/`);
