import type { DeployError } from '../../electron/contract/errors.ts';
import { type ErrorTable, errorText as say } from './errors-table.ts';

/** Failures around a model on a board, in Japanese. */
export const deployErrorsJa: Pick<ErrorTable, DeployError['kind']> = {
  deployPath: ({ board, path, problem }) =>
    say(`${board} の ${path} は変更していません`, why[problem], todo[problem]),
  deployUnmanaged: ({ board, path }) =>
    say(
      `${board} では何も変更していません`,
      `${path} は Fieldtune が管理していない通常のファイルです。`,
      'Fieldtune による管理に同意してください。元のファイルは切り戻し用に残り、いつでも通常のファイルに戻せます。',
    ),
  deployLocked: ({ board, path, holder, since, quietSeconds, breakable }, { duration, date }) =>
    say(
      `${board} の ${path} は変更していません`,
      `${holder === '' ? '別の人' : holder} が${since === '' ? '' : `${date(since)} から`}作業中です。最後の応答は ${duration(quietSeconds)}前です。`,
      breakable
        ? 'その作業が確実に終わっている場合は、ロックを解除してください。'
        : '作業が終わるのを待ってください。',
    ),
  deployOtherBoard: ({ board, run, measuredOn }) =>
    say(
      `実行 ${run} は別のボードで測定されました`,
      `測定したのは ${measuredOn} で、これは ${board} です。ここでの速さは分かっていません。`,
      '先にこのボードで測定するか、別のボードへの配置を許可してください。',
    ),
  deployTrialRejected: ({ board, path, by, at, note }, { date }) =>
    say(
      `${board} の ${path} は変更していません`,
      `このモデルの最新の試行は、${date(at)}に ${by} が却下しました${note === '' ? '。' : `：${note}`}`,
      '新しい試行を行うか、却下された試行にかかわらず置くことに同意してください。',
    ),
  deployNoGain: ({ run }) =>
    say(
      `実行 ${run} にはボードに置けるモデルがありません`,
      '元のモデルより速いモデルが見つからなかった実行です。',
      '別の実行を選んでください。',
    ),
  deploySmokeFailed: ({ board, path, reason }) =>
    say(
      `${board} の ${path} では、以前のモデルが有効なままです`,
      `新しいモデルはボード上の試行に失敗しました：${reason}`,
      'そのボードで 2 つのモデルを比較してください。',
    ),
  deployRolledBack: ({ board, path, step, reason, active, healthy }) =>
    say(
      `${board} の ${path} のモデルを切り戻しました`,
      `${steps[step]}：${reason}。${active === null ? '配置前と同じく、このパスには何もありません。' : `${active.slice(0, 12)} が再び有効です（ハッシュで確認済み）。`}`,
      healthy
        ? '次に試す前に、サービスのログを確認してください。'
        : 'サービスはまだ正常ではありません。今すぐ確認してください。',
    ),
  deployNoWayBack: ({ board, path, problem, sha256 }) =>
    say(
      `${board} の ${path} は切り替えていません`,
      {
        none: '有効な版より前の版がありません。',
        missing: `版 ${sha256.slice(0, 12)} がありません。`,
        damaged: `版 ${sha256.slice(0, 12)} の内容がハッシュと一致しません。`,
      }[problem],
      '使いたいモデルを改めてボードに置いてください。',
    ),
  deployChanged: ({ board, path }) =>
    say(
      `${board} の ${path} は切り替えていません`,
      'その間に、別の人または別のものが変更しました。',
      'ボードの現状を確認してから、もう一度試してください。',
    ),
};

const steps = {
  restart: '再起動コマンドが失敗しました',
  health: '新しいモデルではサービスが正常になりませんでした',
  load: '新しいモデルをそのパスで使えませんでした',
} as const;

const why = {
  folderMissing: 'フォルダーがありません。',
  directory: 'フォルダーです。',
  foreignLink: '別の人が作ったリンクです。',
  special: '通常のファイルではありません。',
  readOnly: 'ファイルシステムが読み取り専用でマウントされています。',
  notWritable: 'フォルダーに書き込む権限がありません。',
  notManaged: 'Fieldtune が管理していません。',
} as const;

const todo = {
  folderMissing: '先にフォルダーを作るか、パスを確認してください。',
  directory: 'サービスが読むファイルのパスを指定してください。',
  foreignLink: 'リンク先のパスを指定するか、先にリンクを削除してください。',
  special: 'サービスが読むファイルのパスを指定してください。',
  readOnly: '先に書き込み可能でマウントし直してください。',
  notWritable: '権限のあるユーザーでサインインするか、フォルダーの所有者を変更してください。',
  notManaged: '先にモデルを置いてください。',
} as const;
