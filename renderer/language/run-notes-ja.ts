import { logErrorPercent } from '../../electron/contract/log-error.ts';
import type { SearchEffort } from '../../electron/contract/run-notes.ts';
import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import { concernWords } from './concerns.ts';
import type { Quantities } from './quantities.ts';
import type { RunNotesTable } from './run-notes-table.ts';

/** What long work says, in Japanese. */
export const runNotesJa: RunNotesTable = {
  notes: {
    runnerBytes: ({ board, secondsLeft }, q) =>
      `${board === undefined ? '' : `${board} への`}ランナーのバイト数${secondsLeft === undefined ? '' : `（残り ${q.duration(secondsLeft)}）`}`,
    calls: ({ calls, again }, q) =>
      `${again ? '順位がまだ確定しないため続行：' : ''}推論 ${q.count(calls)} 回`,
    candidatesTimed: () => 'ボードで候補を計測',
    candidatesFitted: () => '候補を閉形式で当てはめ',
    generation: ({ generation, models }, q) =>
      `第 ${generation} 世代：モデル全体を A と比べて計測（${q.count(models)} 個）`,
    originalTuned: () => 'A 自体も同じ方法でファインチューニング',
    studentAtWork: ({ rung, student, students, speedup }, q) =>
      `ラウンド ${rung}：生徒モデル ${student}/${students}、A の ${q.ratio(speedup).replace('×', ' 倍速')}`,
    studentDone: ({ rung, speedup, accuracy, originalAccuracy, steps }, q) =>
      `ラウンド ${rung}：A の ${times(q, speedup)}、精度 ${beside(q, accuracy, originalAccuracy)}、${q.count(steps)} ステップ後`,
    verified: ({ model }) => verified[model],
    evaluated: ({ model, samples }, q) => `${q.count(samples)} サンプルで ${model.toUpperCase()} を評価`,
    pairs: () => 'A と B の対（A 同士の対照を含む）',
    sustaining: ({ aUs, bUs, temperatureC }, q) =>
      aUs === null || bUs === null
        ? 'ウォームアップ中'
        : `A は ${q.latency(aUs)}、B は ${q.latency(bUs)}${temperatureC === null ? '' : `、${q.count(Math.round(temperatureC))} °C`}`,
    energy: () => 'A と B の消費エネルギーを交互に測定中',
    modelBytes: () => 'モデルのバイト数',
    shadowing: ({ agreed, malformed }, q) =>
      `一致 ${q.count(agreed)} 件、使えないファイル ${q.count(malformed)} 件`,
  },
  summaries: {
    shadowed: ({ inputs, agreed }, q) => `${q.count(inputs)} 件の入力のうち ${q.count(agreed)} 件で B が一致`,
    connected: ({ runtimeVersion, board }) => `${board} の onnxruntime ${runtimeVersion}`,
    connectedSeveral: ({ boards, asked }, q) =>
      `${boards.join('、')}（ボード ${q.count(asked)} 台中 ${q.count(boards.length)} 台）`,
    profiled: ({ calls, operators, certain }, q) =>
      `推論 ${q.count(calls)} 回、演算子 ${q.count(operators)} 個、順位は${certain ? '確定' : '未確定'}`,
    ranked: ({ operators, latencyUs, inferences, inferencesFixed }, q) =>
      [
        `演算子 ${q.count(operators)} 個、${q.latency(latencyUs)}`,
        ...(inferences === undefined || inferencesFixed === undefined
          ? []
          : [`推論 ${q.count(inferences)} 回（回数固定なら ${q.count(inferencesFixed)} 回）`]),
      ].join('、'),
    rewritten: ({ rewrites }, q) =>
      rewrites === 0 ? '書き換えるものなし' : `等価な書き換え ${q.count(rewrites)} 件`,
    searched: ({ proposed, timed, effort }, q) =>
      `提案 ${q.count(proposed)} 件、計測 ${q.count(timed)} 件${effort ? effortText(effort, q) : ''}`,
    fitted: ({ models }, q) => `モデル全体の候補 ${q.count(models)} 件が次の段階へ`,
    tuned: ({ speedup, accuracy, originalAccuracy }, q) =>
      `選択用サンプルで精度 ${beside(q, accuracy, originalAccuracy)}、A の ${times(q, speedup)}`,
    verified: ({ change, samples }, q) => `${q.count(samples)} サンプルで精度 ${q.points(change)}`,
    evaluated: ({ metric, samples }, q) =>
      `${q.count(samples)} サンプルでの${metric === 'top-1' ? '正解率' : metric === 'cosine' ? '出力の類似度' : ' A との一致率'}`,
    compared: ({ speedup, speedupInterval95 }, q) =>
      `A の ${times(q, speedup)}、95 % ${q.interval(speedupInterval95)}`,
    paired: ({ pairs }, q) => `${q.count(pairs)} 対`,
    sustained: ({ blocks, minutes }, q) => `${q.duration(60 * minutes)} で ${q.count(blocks)} ブロック`,
    reported: ({ files }, q) => `ファイル ${q.count(files)} 件`,
    uploaded: ({ sentBytes }, q) =>
      sentBytes === 0 ? 'すでにボードにあります' : `${q.bytes(sentBytes)}、ボード上でハッシュ一致`,
    smoked: ({ samples, relativeError, medianUs }, q) =>
      `入力 ${q.count(samples)} 件、出力の差は最大 ${q.percent(100 * relativeError)}、1 回 ${q.latency(medianUs)}`,
    switched: ({ active, restarted, healthChecked }) =>
      `${active.slice(0, 12)} が有効です${restarted ? '、サービスを再起動' : ''}${healthChecked ? '、サービスは正常' : ''}`,
  },
  warnings: {
    boardConcern: ({ concern, board }) =>
      `${board === undefined ? '' : `${board}：`}${concernWords(concern, 'ja').replace(/[.。]$/, '')}`,
    otherBoard: ({ board }) => `実行を始めたボードとは別のボード（${board}）のため、すべて測定し直します`,
    boardLeftOut: ({ board, error }, why) => `${board} を除いて実行を続けます。${why(error)}`,
    sshConfigSkipped: ({ file, line, what }) =>
      `${file} の ${line} 行目は使いませんでした：${what} には対応していません`,
    linkLost: ({ board, reason }) => `${board} との接続が切れました（${reason}）。接続し直しています`,
    linkBack: ({ board }) => `${board} に再接続しました。鍵も個体も同じです。中断した処理をやり直します`,
    storeDamaged: ({ path, setAside, reason }) =>
      `履歴 ${path} が破損していたため（${reason}）、${setAside} に移し、新しい履歴を作りました`,
    deploymentInterrupted: ({ board, path, action }) =>
      `${board} の ${path} への${acted[action]}が以前のセッションで途切れました。ボードの現状を確認してください`,
    deploymentCutOff: ({ board, path, action, by, cutOff }) =>
      `${board} の ${path} で ${by} が行った${acted[action]}は、${cameTo[cutOff]}`,
  },
  reasons: {
    noSearch: (_, __, obstacle) => `探索は行われませんでした：${obstacle}。`,
    noneFaster: () => 'モデル全体としてボード上で A より速い候補はありませんでした。',
    accuracyLost: ({ allowed, looks }, q) => {
      const losses = looks.map(({ speedup, change }) => `A の ${times(q, speedup)}で ${q.points(change)}`);
      return `取り置いたデータで、精度が許容の ${q.count(allowed)} ポイントより大きく低下しました：${losses.join('、')}。`;
    },
    notFaster: ({ verdict, boards }) => {
      const where = boards === undefined ? 'ボード' : ` ${boards.join('、')} `;
      return verdict === 'slower'
        ? `最良の候補は${where}上で A より低速でした。`
        : `最良の候補の速さは、${where}上で A と区別できませんでした（判定保留）。`;
    },
  },
  obstacles: {
    severalInputs: ({ inputs }) => `モデルの入力は ${inputs} 個ですが、データの入力は 1 個です`,
    inEightBits: ({ operator }) =>
      `モデルはすでに 8 ビットです（${operator}）。元の浮動小数点モデルを指定すると、8 ビットも試されます`,
    undefinedOperator: ({ operator, reason }) => `演算子 ${operator} は命令で定義できません（${reason}）`,
  },
  log: {
    runCreated: ({ run, out }) => `実行 ${run}、結果の保存先 ${out}`,
    boardConnected: ({ identity: { name, cpu, arch, cores }, installedBytes }, { quantities: q }) => {
      const runner = installedBytes === 0 ? '' : `、ランナーをインストール（${q.bytes(installedBytes)}）`;
      return `ボード ${name}：${cpu}、${arch}、${q.count(cores)} コア${runner}`;
    },
    warning: ({ warning }, parts) => parts.warning(warning),
    stageFinished: (entry, parts) =>
      `${parts.finished(entry)}（${parts.quantities.duration(entry.seconds)}）`,
    ranking: ({ latencyUs, slowest }, { quantities: q }) => {
      const whole = `1 回の推論は ${q.latency(latencyUs)}`;
      if (slowest === null) return whole;
      return `${whole}、最も時間のかかる演算子は ${slowest.name}（${slowest.type}）で ${q.percent(100 * slowest.share)}`;
    },
    originalAccuracy: ({ percent }, { quantities: q }) =>
      `選択用サンプルでの元モデルの精度は ${q.percent(percent)}`,
    point: ({ point }, { quantities: q }) => pointText(point, q),
    asked: ({ question }) => {
      switch (question.kind) {
        case 'hostKey':
          return `${question.board} への初めての接続：ボードの指紋は ${question.fingerprint} ですか`;
        case 'password':
          return `${question.board} が ${question.user} のパスワードを求めています`;
        case 'passphrase':
          return `${question.board} への接続に鍵 ${question.file} のパスフレーズが必要です`;
        case 'keyboardInteractive':
          return `${question.board} が ${question.user} に入力を求めています`;
        case 'deployment':
          return `${question.plan.board.name} の ${question.plan.path} を変更してよいですか`;
        case 'removal':
          return `${question.found.board} の Fieldtune のファイルを削除してよいですか`;
      }
    },
    answered: ({ about, accept }) => {
      if (about === 'hostKey') return accept ? '鍵を受け入れました' : '鍵を受け入れませんでした';
      if (about === 'deployment') return accept ? '変更に同意しました' : '変更に同意しませんでした';
      if (about === 'removal') return accept ? '削除に同意しました' : '削除に同意しませんでした';
      return accept ? '回答しました' : '回答しませんでした';
    },
    stopping: ({ state }) =>
      state === 'pausing' ? '現在の手順の後に一時停止します。測定値は残ります' : '現在の手順の後に中止します',
    done: () => '完了しました',
    failed: ({ error }, parts) => (error === null ? '失敗しました' : parts.error(error)),
    paused: () => '一時停止しました。測定値は残り、続きから再開できます',
    cancelled: ({ kept }) => (kept ? '中止しました。測定値は残っています' : '中止しました'),
  },
  finished: (stage, summary) => `${stage}：${summary}`,
  failed: (happened, why) => `${happened}。${why}`,
};

const acted = {
  deploy: '配置',
  rollback: '切り戻し',
  unmanage: '通常のファイルへの復元',
} as const;

const cameTo = {
  notSwitched: '切り替え前に途切れていました。以前のモデルが有効で、残りは削除しました',
  finished: '切り替え後に途切れていました。新しいモデルが有効です',
  unchecked:
    '切り替え後に途切れていました。新しいモデルが有効ですが、再起動と確認は終わっていません。もう一度配置するか、切り戻してください',
  unmanaged: '切り替え後に途切れていました。通常のファイルがあり、残りは削除しました',
  stillManaged: '切り替え前に途切れていました。引き続き Fieldtune が管理しています',
} as const;

const verified = {
  original: '取り置いたデータで A を検証',
  optimized: '取り置いたデータで B を検証',
  tunedOriginal: '同じ方法でファインチューニングした A を検証',
} as const;

function pointText(point: FrontPoint, q: Quantities): string {
  const { state, speedup, accuracy, speedupInterval95, accuracyInterval95, replacements } = point;
  const ratio = `元モデルの ${times(q, speedup)}`;
  const reached = accuracy === null ? '' : `、精度 ${q.percent(accuracy)}`;
  const count = `、置き換え ${q.count(replacements)} 件`;
  switch (state) {
    case 'screened':
      return `選別での最速の候補：${ratio}${reached}${count}`;
    case 'tuned':
      return `ファインチューニング後の候補：${ratio}${reached}${count}`;
    case 'refused':
      return `候補を不採用：${ratio}${reached}`;
    case 'confirmed': {
      const speed = speedupInterval95 === null ? '' : `、95 % ${q.interval(speedupInterval95)}`;
      const right = accuracyInterval95 === null ? '' : `、95 % ${q.interval(accuracyInterval95, 1)}`;
      return `新たな測定で確認：${ratio}${speed}${reached}${right}`;
    }
  }
}

const times = (q: Quantities, speedup: number): string => `${q.ratio(speedup).replace('×', ' 倍')}の速さ`;
const beside = (q: Quantities, accuracy: number, original: number): string =>
  `${q.percent(accuracy)}（A ${q.percent(original)}）`;

function effortText({ predictor, ...effort }: SearchEffort, q: Quantities): string {
  const spared = effort.sparedByMemory + effort.sparedByPrediction;
  const foretold = predictor
    ? `予測誤差 ${q.percent(logErrorPercent(predictor.medianError), 0)}（${q.count(predictor.structures)} 件から学習）`
    : '予測には件数不足';
  return `：構造 ${q.count(effort.structuresTimed)} 件を計測、${q.count(spared)} 件を省略、${foretold}、推論 ${q.count(effort.timingInferences)} 回（回数固定なら ${q.count(effort.timingInferencesFixed)} 回）`;
}
