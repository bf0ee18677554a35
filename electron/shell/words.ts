/** Languages of the window. */
export type Language = 'en' | 'ja';

/** What the main process says by itself: dialogs, menus, and the page without a service. */
export interface Words {
  readonly chooseModel: string;
  readonly chooseData: string;
  readonly chooseKey: string;
  readonly models: string;
  readonly allFiles: string;
  readonly edit: string;
  readonly view: string;
  readonly window: string;
  readonly goesOn: string;
  readonly goesOnDetail: string;
  readonly keepGoing: string;
  readonly stopAndQuit: string;
  readonly stay: string;
  readonly crashed: string;
  readonly crashedDetail: string;
  readonly crashedAgain: string;
  readonly crashedAgainDetail: string;
  readonly loadAgain: string;
  readonly quit: string;
  readonly serviceEnded: string;
  readonly serviceEndedDetail: string;
  readonly lastWords: string;
  readonly startAgain: string;
}

/** The wording in each language. */
export const words: Readonly<Record<Language, Words>> = {
  en: {
    chooseModel: 'Choose a model',
    chooseData: 'Choose a data folder',
    chooseKey: 'Choose a private key',
    models: 'ONNX models',
    allFiles: 'All files',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    goesOn: 'A run is going on.',
    goesOnDetail:
      'It can go on without a window; start Fieldtune again to see it. If it is stopped, what was measured is kept and the run can be resumed.',
    keepGoing: 'Close the window, keep running',
    stopAndQuit: 'Stop and quit',
    stay: 'Cancel',
    crashed: 'The window crashed and was loaded again.',
    crashedDetail: 'Nothing that was measured is lost, and a run that was going on still does.',
    crashedAgain: 'The window crashed again.',
    crashedAgainDetail:
      'A run that was going on still does. Load the window again, or quit; what was measured is kept.',
    loadAgain: 'Load again',
    quit: 'Quit',
    serviceEnded: 'Fieldtune’s service has ended',
    serviceEndedDetail:
      'The part of Fieldtune that measures and searches stopped by itself. What was measured is kept; a run that was going on can be resumed in History.',
    lastWords: 'What it said last',
    startAgain: 'Start again',
  },
  ja: {
    chooseModel: 'モデルを選択',
    chooseData: 'データフォルダーを選択',
    chooseKey: '秘密鍵を選択',
    models: 'ONNX モデル',
    allFiles: 'すべてのファイル',
    edit: '編集',
    view: '表示',
    window: 'ウィンドウ',
    goesOn: '実行中の処理があります。',
    goesOnDetail:
      'ウィンドウを閉じても処理を続けられます。もう一度 Fieldtune を起動すると表示されます。停止した場合も測定結果は保存され、後で再開できます。',
    keepGoing: 'ウィンドウを閉じて続行',
    stopAndQuit: '停止して終了',
    stay: 'キャンセル',
    crashed: 'ウィンドウが異常終了したため、再読み込みしました。',
    crashedDetail: '測定結果は失われていません。実行中の処理は続いています。',
    crashedAgain: 'ウィンドウが再び異常終了しました。',
    crashedAgainDetail:
      '実行中の処理は続いています。再読み込みするか、終了してください。測定結果は保存されています。',
    loadAgain: '再読み込み',
    quit: '終了',
    serviceEnded: 'Fieldtune のサービスが終了しました',
    serviceEndedDetail:
      '測定と探索を行う部分が自ら停止しました。測定結果は保存されています。実行中だった処理は「履歴」から再開できます。',
    lastWords: '最後のメッセージ',
    startAgain: '再起動',
  },
};

/** The language of a setting, where `system` is what the system prefers. */
export function languageOf(setting: 'system' | Language, systemLocale: string): Language {
  if (setting !== 'system') return setting;
  return /^ja\b/i.test(systemLocale) ? 'ja' : 'en';
}
