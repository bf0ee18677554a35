import { texts } from '../../language/language.ts';

/** What is said of the boards of a run with several. */
export const boardsTexts = texts(
  'boardsOfRun',
  {
    label: 'Each board by itself',
    board: 'Board',
    a: 'A, median',
    b: 'B, median',
    speed: 'Speed against A (95 %)',
    verdict: 'Verdict',
    faster: 'Faster',
    slower: 'Slower',
    inconclusive: 'Inconclusive',
    notCompared: 'Not compared',
    leftOut: 'Left out, so B is not proven there: {{reason}}',
    others: 'Measure on further boards as well',
    othersHint: 'One model for all: chosen is what gains most on the board where it gains least.',
    alsoOn: 'Measured at the same time on {{boards}}, with one common choice.',
  },
  {
    label: 'ボードごとの結果',
    board: 'ボード',
    a: 'A の中央値',
    b: 'B の中央値',
    speed: 'A に対する速さ（95 %）',
    verdict: '判定',
    faster: '高速化を確認',
    slower: '低速化を確認',
    inconclusive: '判定保留',
    notCompared: '比較なし',
    leftOut: '除外されたため、このボードでは B は未確認です：{{reason}}',
    others: 'ほかのボードでも同時に測定',
    othersHint: '全ボード共通の 1 つのモデルを選びます。最も効果の小さいボードでの効果が最大のものです。',
    alsoOn: '{{boards}} でも同時に測定し、共通の 1 つを選びます。',
  },
);
