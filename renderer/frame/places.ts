import { lazy } from 'react';
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
    notFound: 'ページが見つかりません',
    notFoundHint: 'このアドレスに対応する画面はありません。左の一覧から選んでください。',
  },
);

/** The seven places in the order of the rail; each is a part of the bundle of its own. */
export const places = [
  {
    name: 'boards',
    view: lazy(async () => ({ default: (await import('../places/boards/Boards.tsx')).Boards })),
  },
  {
    name: 'models',
    view: lazy(async () => ({ default: (await import('../places/models/Models.tsx')).Models })),
  },
  { name: 'run', view: lazy(async () => ({ default: (await import('../places/run/Run.tsx')).Run })) },
  {
    name: 'compare',
    view: lazy(async () => ({ default: (await import('../places/compare/Compare.tsx')).Compare })),
  },
  {
    name: 'history',
    view: lazy(async () => ({ default: (await import('../places/history/History.tsx')).History })),
  },
  {
    name: 'report',
    view: lazy(async () => ({ default: (await import('../places/report/Report.tsx')).Report })),
  },
  {
    name: 'settings',
    view: lazy(async () => ({ default: (await import('../places/settings/Settings.tsx')).Settings })),
  },
] as const;
export type PlaceName = (typeof places)[number]['name'];

/** The address of a place, with the id of what it shows. */
export const linkTo = (place: PlaceName, id?: string): string =>
  id === undefined ? `/${place}` : `/${place}/${encodeURIComponent(id)}`;
