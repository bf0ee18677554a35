import type { TrialError } from '../../electron/contract/errors.ts';
import { type ErrorTable, errorText as say } from './errors-table.ts';

/** What can go wrong with a trial, in Japanese. */
export const trialErrorsJa: Pick<ErrorTable, TrialError['kind']> = {
  trialRefused: ({ board, folder, reason }) =>
    say(
      `${board} で試行を始められませんでした`,
      `フォルダー ${folder} を使えません：${reason}`,
      'ボード上で読み取れるフォルダーを絶対パスで指定し、回答の保存先には別のフォルダーを指定してください。',
    ),
  trialEmpty: ({ board, folder, malformed, example }, q) =>
    say(
      `${board} の ${folder} に入力がありませんでした`,
      malformed === 0
        ? '入力として使えるファイルがありません。'
        : `${q.count(malformed)} 件のファイルを使えませんでした。例：${example}`,
      'モデルの入力と同じ形状の .npy、.npz、.bin、.raw ファイルを置いてください。ボードでは画像を復号できません。',
    ),
  trialUnknown: ({ trial }) =>
    say(
      `試行 ${trial} はありません`,
      'このコンピューターの履歴に見つかりません。',
      '新しい試行を始めてください。',
    ),
  trialDecided: ({ trial, state, by }) =>
    say(
      `試行 ${trial} はすでに判断済みです`,
      `${by} が${state === 'approved' ? '承認' : '否認'}（${state}）しており、変更できません。`,
      '改めて判断するには、新しい試行を始めてください。',
    ),
};
