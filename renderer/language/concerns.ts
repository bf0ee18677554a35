import type { BoardConcern, ConcernKind } from '../../electron/contract/concerns.ts';
import { fitToShow } from './foreign-text.ts';
import type { Language } from './language.ts';

type Words = {
  readonly [K in ConcernKind]: { readonly why: (concern: BoardConcern) => string; readonly mend: string };
};

const en: Words = {
  undervoltage: {
    why: () => 'The supply voltage is too low now: the firmware holds the clock down.',
    mend: 'Use a stronger power supply or a shorter cable.',
  },
  throttled: {
    why: () => 'The board is throttled now: times are longer than they could be.',
    mend: 'Let it cool down.',
  },
  temperature: {
    why: ({ value }) => `The board has ${value} and is throttled soon or already.`,
    mend: 'Let it cool down, or give it a fan.',
  },
  memoryPressure: {
    why: ({ value }) =>
      `Programs waited for memory ${value} of the last ten seconds: a measurement waits with them.`,
    mend: 'Stop what takes the memory.',
  },
  load: {
    why: ({ value, process }) =>
      `The load is ${value} cores: other programs take time from the measurement${process === undefined ? '' : `, the most by ${process}`}.`,
    mend: 'Stop what else runs there.',
  },
  swap: {
    why: ({ value }) => `${value} of memory lie in the swap: a model read back from there looks slow.`,
    mend: 'Stop programs that are not needed, then bring the memory back.',
  },
  battery: {
    why: () => 'The board runs on its battery: many hold the clock down to save it.',
    mend: 'Connect its charger.',
  },
  governor: {
    why: ({ value }) => `The clock governor is “${value}”: the clock may change during a measurement.`,
    mend: 'Set the governor to “performance”.',
  },
  coresOffline: {
    why: ({ value }) => `Cores are switched off (${value}): the board is slower than it will be with them.`,
    mend: 'Switch them on.',
  },
  turbo: {
    why: () => 'The clock may rise for a moment (turbo): the first times are shorter than those that last.',
    mend: 'Switch it off while measuring.',
  },
  disk: {
    why: ({ value }) => `Only ${value} are free: models have to be stored there.`,
    mend: 'Make room; this shows what takes it.',
  },
  undervoltageEarlier: {
    why: () => 'The supply voltage was too low at some time since the start: it can happen again under load.',
    mend: 'Check the power supply and its cable.',
  },
};

const ja: Words = {
  undervoltage: {
    why: () => '電源電圧が不足しています。ファームウェアがクロックを下げています。',
    mend: '容量の大きい電源か短いケーブルを使ってください。',
  },
  throttled: {
    why: () => 'サーマルスロットリング中です。本来より時間が長くなります。',
    mend: '冷えるのを待ってください。',
  },
  temperature: {
    why: ({ value }) => `温度が ${value} で、スロットリングが起こっているか、まもなく起こります。`,
    mend: '冷えるのを待つか、ファンを付けてください。',
  },
  memoryPressure: {
    why: ({ value }) => `直近 10 秒の ${value} でメモリ待ちが発生し、測定も待たされます。`,
    mend: 'メモリを使っているものを止めてください。',
  },
  load: {
    why: ({ value, process }) =>
      `負荷は ${value} コアで、ほかのプログラムが測定を乱します${process === undefined ? '' : `（最大は ${process}）`}。`,
    mend: 'ほかに動いているものを止めてください。',
  },
  swap: {
    why: ({ value }) => `メモリの ${value} がスワップにあり、そこから読み戻すモデルは遅く見えます。`,
    mend: '不要なプログラムを止めてから、メモリに戻してください。',
  },
  battery: {
    why: () => 'バッテリー駆動中です。節電のためクロックが下がることがあります。',
    mend: '充電器を接続してください。',
  },
  governor: {
    why: ({ value }) => `クロックガバナーが「${value}」のため、測定中にクロックが変わることがあります。`,
    mend: 'ガバナーを「performance」にしてください。',
  },
  coresOffline: {
    why: ({ value }) => `停止中のコアがあり（${value}）、本来より遅くなります。`,
    mend: 'コアを有効にしてください。',
  },
  turbo: {
    why: () => 'クロックが一時的に上がることがあり（ターボ）、最初の時間だけ短くなります。',
    mend: '測定中は無効にしてください。',
  },
  disk: {
    why: ({ value }) => `空き容量が ${value} しかなく、モデルを保存できないおそれがあります。`,
    mend: '空きを作ってください（次で使用量が分かります）。',
  },
  undervoltageEarlier: {
    why: () => '起動後に電源電圧が不足したことがあり、負荷がかかると再発するおそれがあります。',
    mend: '電源とケーブルを確認してください。',
  },
};

const tables: { readonly [L in Language]: Words } = { en, ja };

/** Why something about a board spoils a measurement, in one sentence. */
export const concernWords = (concern: BoardConcern, language: Language): string =>
  tables[language][concern.kind].why(fitToShow(concern));

/** What a person does about it, in one sentence. */
export const mendWords = ({ kind }: BoardConcern, language: Language): string => tables[language][kind].mend;
