import { deployErrorsJa } from './errors-deploy-ja.ts';
import { type ErrorTable, errorText as say, shapeText } from './errors-table.ts';
import { trialErrorsJa } from './errors-trial-ja.ts';

/** Failures in Japanese. */
export const errorsJa: ErrorTable = {
  modelMissing: ({ path, reason }) =>
    say(
      `モデル ${path} を読み込めません`,
      `システムの応答：${reason}`,
      'ファイルがあること、読み取り権限があることを確認するか、別のファイルを選んでください。',
    ),
  modelNotOnnx: ({ path }) =>
    say(
      `${path} は ONNX モデルではありません`,
      'ファイル名にかかわらず、中身が別の形式です。',
      'モデルを ONNX にエクスポートし、そのファイルを選んでください。',
    ),
  modelTruncated: ({ path }) =>
    say(
      `モデル ${path} が途中で切れています`,
      'ダウンロードやコピーが中断されるとこうなります。',
      'ファイルを取得し直すか、エクスポートし直してください。',
    ),
  modelTooLarge: ({ path, sizeBytes, limitBytes }, { bytes }) =>
    say(
      `モデル ${path} を開きませんでした`,
      `サイズは ${bytes(sizeBytes)} で、上限は ${bytes(limitBytes)} です。`,
      'より小さいモデルを選んでください。',
    ),
  modelCyclic: ({ path, operator }) =>
    say(
      `モデル ${path} は実行できません`,
      `グラフが演算子 ${operator} を通って循環しています。`,
      'モデルをエクスポートし直してください。',
    ),
  modelBroken: ({ path, reason }) =>
    say(
      `モデル ${path} の形式が正しくありません`,
      `検査の結果：${reason}`,
      'モデルをエクスポートし直し、onnx.checker で確認してください。',
    ),
  modelExternalData: ({ path, tensor }) =>
    say(
      `モデル ${path} は 1 つのファイルにまとまっていません`,
      `テンソル ${tensor} が別のファイルにあります。Fieldtune が開けるのは単一のファイルだけです。`,
      'onnx.save（save_as_external_data=False）で 1 つのファイルに保存してください。',
    ),
  modelOpset: ({ path, opset, from, to }) =>
    say(
      `モデル ${path} は opset ${opset} を使っています`,
      `Fieldtune が対応するのは opset ${from}〜${to} です。`,
      'onnx.version_converter で変換してください。',
    ),
  modelUnknownOperator: ({ path, operator, type }) =>
    say(
      `モデル ${path} に未知の演算子があります`,
      `演算子の型 ${type}（ノード ${operator}）は onnxruntime にありません。`,
      '標準の ONNX 演算子だけを使ってエクスポートしてください。',
    ),
  modelDynamicShape: ({ path, input, shape }) =>
    say(
      `モデル ${path} の形状が決まっていません`,
      `入力 ${input} の形状は ${shapeText(shape)} です。測定には固定の形状が必要です。`,
      'onnxruntime.tools.make_dynamic_shape_fixed で形状を固定してください。',
    ),
  modelInputType: ({ path, input, type }) =>
    say(
      `モデル ${path} の入力のデータ型に対応していません`,
      `入力 ${input} は ${type} です。対応しているのは float32 だけです。`,
      'float32 の入力でエクスポートしてください。',
    ),
  modelNoFloatOperator: ({ path }) =>
    say(
      `モデル ${path} には置き換えられるものがありません`,
      'float32 の演算子がありません（量子化済みのモデルなど）。',
      '元になった浮動小数点のモデルを選んでください。',
    ),
  modelFailsToRun: ({ path, reason }) =>
    say(
      `モデル ${path} がボード上で動きません`,
      `ランタイムの応答：${reason}`,
      'そのボードの onnxruntime で動くことを確認するか、エクスポートし直してください。',
    ),

  dataMissing: ({ path, reason }) =>
    say(
      `データ ${path} がそろっていません`,
      `不足しているもの：${reason}`,
      'dataset.json・fit・verify（.npz または画像フォルダ）を含むフォルダか、1 つの .npz を選んでください。',
    ),
  dataUnreadable: ({ path, reason }) =>
    say(
      `データ ${path} を読み込めません`,
      `理由：${reason}`,
      'ファイルを確認するか、書き出し直してください。',
    ),
  dataShape: ({ path, expected, actual }) =>
    say(
      `データ ${path} がモデルに合いません`,
      `モデルが受け取るサンプルは ${shapeText(expected)} ですが、データは ${shapeText(actual)} です。`,
      'その形状のデータを選ぶか、dataset.json の前処理を直してください。',
    ),
  dataNotFinite: ({ path, array, count: values }, { count }) =>
    say(
      `データ ${path} に数値でない値があります`,
      `配列 ${array} に NaN または無限大が ${count(values)} 個あります。`,
      '該当するサンプルを取り除くか、置き換えてください。',
    ),
  dataLabels: ({ path, label, classes }) =>
    say(
      `データ ${path} にモデルの知らないラベルがあります`,
      `ラベル ${label} がありますが、モデルのクラスは 0〜${classes - 1} です。`,
      'ラベルを直してください。',
    ),
  dataTooFew: ({ path, samples, needed }, { count }) =>
    say(
      `データ ${path} のサンプルが足りません`,
      `${count(samples)} 件しかなく、少なくとも ${count(needed)} 件が必要です。`,
      'サンプルを追加してください。',
    ),

  boardAddress: ({ address, reason }) =>
    say(
      `アドレス ${address} は使えません`,
      `理由：${reason}`,
      'ssh://ユーザー名@ホスト名 の形で入力してください。ポートが 22 でなければ末尾に :ポート を付けます。シリアルコンソールは serial:/dev/ttyUSB0 の形です。',
    ),
  boardUnreachable: ({ board, reason, localNetwork }) =>
    say(
      `ボード ${board} に接続できません`,
      `ネットワークの応答：${reason}`,
      localNetwork
        ? 'ボードの電源とアドレスを確認し、「システム設定」›「プライバシーとセキュリティ」›「ローカルネットワーク」で Fieldtune を許可してください。'
        : 'ボードの電源、アドレス、SSH サーバーが動いていることを確認してください。',
    ),
  hostKeyUnknown: ({ board, fingerprint }) =>
    say(
      `ボード ${board} はまだ信頼されていません`,
      `初めての接続で、鍵 ${fingerprint} が承認されていません。ボードには何も送っていません。`,
      'ボード自身が表示する鍵と照合してから、もう一度接続してください。',
    ),
  hostKeyRefused: ({ board, fingerprint }) =>
    say(
      `ボード ${board} の鍵は受け入れられませんでした`,
      `示された鍵 ${fingerprint} は失効しているか、承認した鍵と異なります。ボードには何も送っていません。`,
      'ボード自身が表示する鍵と照合してから、もう一度接続してください。',
    ),
  hostKeyChanged: ({ board, host, fingerprint, known, file, line, own }) =>
    say(
      `ボード ${board} の鍵が変わりました`,
      `以前は ${known}、今は ${fingerprint} です。書き込み直しでも、なりすましでも起こります。`,
      own
        ? `理由が分かっている場合は、鍵を置き換えて接続し直してください。鍵は ${file} の ${line} 行目にあります。`
        : `理由が分かっている場合は、Fieldtune が読むだけの ${file} の ${line} 行目を次のコマンドで削除してください：ssh-keygen -R '${host}' -f '${file}'`,
    ),
  knownHostsUnreadable: ({ file, reason }) =>
    say(
      '今はどのボードも信頼できません',
      `既知のボードの一覧 ${file} を読み込めません：${reason}`,
      'ファイルまたはその権限を直してから、もう一度接続してください。',
    ),
  sshConfigBroken: ({ file, line, reason }) =>
    say(
      'SSH の設定を使えません',
      line === null ? `${file}：${reason}` : `${file} の ${line} 行目：${reason}`,
      '設定を直してから、接続し直してください。',
    ),
  boardIsAnother: ({ address, expectedName, foundName, foundId }) =>
    say(
      `${address} にあるのは別のボードです`,
      `今回は ${foundName}（ID ${foundId}）、前回は ${expectedName} でした。測定や変更は行っていません。`,
      `${expectedName} の現在のアドレスに接続するか、「ボード」で ${foundName} を使うことを選んでください。`,
    ),
  authenticationFailed: ({ board, tried }) =>
    say(
      `ボード ${board} にサインインできませんでした`,
      `試したもの：${tried.join('、') || 'なし（使える鍵がありません）'}`,
      'ボードが受け入れる秘密鍵ファイルを選ぶか、ssh-add で SSH エージェントに鍵を追加してください。',
    ),
  serialPortBusy: ({ port }) =>
    say(
      `シリアルポート ${port} は使用中です`,
      '別のプログラムが開いています。',
      'ポートを開いている端末やモニターを閉じて、もう一度お試しください。',
    ),
  serialPortDenied: ({ port }) =>
    say(
      `シリアルポート ${port} を開く権限がありません`,
      'ポートのグループに属していません。',
      'sudo usermod -aG dialout $USER を実行し（Arch Linux では uucp）、ログインし直してからもう一度お試しください。',
    ),
  serialPortMissing: ({ port, others }) =>
    say(
      `シリアルポート ${port} がありません`,
      others.length === 0 ? 'ほかのポートもありません。' : `あるポート：${others.join('、')}`,
      'ボードを接続するか、正しいポートを選んでください。',
    ),
  consoleNotReady: ({ board, found, said }) =>
    say(
      {
        silence: `${board} のコンソールが応答しません`,
        garbage: `${board} のコンソールの表示が文字になっていません`,
        bootLoader: `ボード ${board} はブートローダーで止まっています`,
        booting: `${board} のコンソールの出力が起動にかかる時間を過ぎても続いています`,
        otherProgram: `${board} のコンソールで別のプログラムが動いています`,
        badLine: `${board} への回線でデータが失われすぎています`,
      }[found],
      said === '' ? 'ボードは何も変更されていません。' : `表示：${said}　ボードは何も変更されていません。`,
      {
        silence: 'ボードの電源、送信線と受信線の入れ違い、通信速度（?baud=N）を確認してください。',
        garbage: 'ボードの通信速度をアドレスの末尾に ?baud=N で指定してください。',
        bootLoader: '起動させてからもう一度お試しください。ブートローダーには何も入力しません。',
        booting: '出力が止まるのを待ってからもう一度お試しください。',
        otherProgram: 'そのプログラムを終了してからもう一度お試しください。',
        badLine: 'ケーブルとアースを確認するか、両側の通信速度を下げてください。',
      }[found],
    ),
  consoleLoginFailed: ({ board, user, cause }) =>
    cause === 'refused'
      ? say(
          `${board} のコンソールにサインインできませんでした`,
          user === null ? 'ユーザー名またはパスワードが違います。' : `${user} のパスワードが違います。`,
          'ユーザー名とパスワードを確認して、もう一度お試しください。',
        )
      : say(
          `${board} のコンソールがユーザー名かパスワードを求めています`,
          '尋ねる相手がいませんでした。',
          'ウィンドウまたは端末から接続するか、コンソールでシェルを開いたままにしてください。',
        ),
  boardUnsupported: ({ board, missing }) =>
    say(
      `ボード ${board} ではランナーが動きません`,
      `不足しているもの：${missing}`,
      'glibc 2.28 以降の 64 ビット Linux を使ってください。',
    ),
  boardDiskFull: ({ board, folder, neededBytes }, { bytes }) =>
    say(
      `ボード ${board} の空き容量が足りません`,
      `ボードの ${folder} に ${bytes(neededBytes)} の空きが必要です。`,
      'ボードの容量を空けてから、もう一度接続してください。',
    ),
  boardLost: ({ board, reason }) =>
    say(
      `ボード ${board} との接続が切れました`,
      `理由：${reason}`,
      '電源とケーブルを確認し、もう一度試してください。実行は再開すると続きから進みます。',
    ),
  boardCorrupted: ({ board, file }) =>
    say(
      `ボード ${board} に届いたファイルが壊れています`,
      `${file} が送った内容と異なるため、使いませんでした。`,
      'もう一度試してください。繰り返す場合は、ケーブルまたはボードのストレージを確認してください。',
    ),
  runnerFailed: ({ board, reason }) =>
    say(
      `ボード ${board} のランナーが失敗しました`,
      `終了の理由：${reason}`,
      'もう一度試してください。繰り返す場合は、ボードのメモリ不足を dmesg で確認してください。',
    ),
  boardCommandFailed: ({ board, what, reason }) =>
    say(
      `ボード ${board} で処理に失敗しました（${what}）`,
      `ボードの応答：${reason}`,
      '権限とストレージを確認し、もう一度試してください。',
    ),
  boardBusy: ({ board }) =>
    say(
      `ボード ${board} は作業中です`,
      '別の作業が実行中です。同時に行うと、互いの測定時間が狂います。',
      'その作業が終わるのを待つか、先に止めてください。',
    ),
  boardTwice: ({ board, other }) =>
    say(
      `${board} と ${other} は同じボードです`,
      '1 台のボードを同時に 2 重に測定することはできません。',
      'どちらかを外してください。同じイメージから複製した 2 台の場合は、それぞれの ~/.fieldtune/board-id に別々の名前を書いてください。',
    ),

  ...trialErrorsJa,
  ...deployErrorsJa,

  usage: ({ option, value, expected }) =>
    say(
      value === '' ? `${option} の値がありません` : `${option} に ${value} は指定できません`,
      'Fieldtune が扱える値ではありません。',
      `次のものを指定してください：${expected}`,
    ),
  outputExists: ({ path }) =>
    say(
      `${path} はすでにあります`,
      'フォルダが空でなく、上書きは行いません。',
      '別のフォルダを選ぶか、このフォルダを削除してください。',
    ),
  diskFull: ({ path }) =>
    say(
      `${path} に書き込めませんでした`,
      'このコンピューターのディスクがいっぱいです。',
      '空き容量を増やして、もう一度試してください。',
    ),
  notWritable: ({ path, reason }) =>
    say(`${path} に書き込めません`, `システムの応答：${reason}`, '別の場所を選ぶか、権限を変えてください。'),
  sourceChanged: ({ path }) =>
    say(
      `${path} が送信中に変わりました`,
      '別の処理が書き込んでいるため、送った分は使いませんでした。',
      '書き込みが終わってから、もう一度試してください。',
    ),
  runUnknown: ({ run }) =>
    say(
      `実行 ${run} はありません`,
      '完全に削除されたか、別のコンピューターのリンクです。',
      '「履歴」から実行を選んでください。',
    ),
  runFinished: ({ run }) =>
    say(
      `実行 ${run} は終わっています`,
      '続けるものがありません。',
      '「履歴」で結果を見るか、新しい実行を始めてください。',
    ),
  runHasNoFront: ({ run }) =>
    say(
      `実行 ${run} には選び直せる候補がありません`,
      '終わっていないか、選べるものが見つからなかったか、候補を保存する前の版の実行です。',
      '「履歴」で別の実行を選ぶか、別の許容値で新しい実行を始めてください。',
    ),
  inputChanged: ({ run, path }) =>
    say(
      `実行 ${run} を続けられません`,
      `実行の開始後に ${path} が変わったため、測定値が当てはまりません。`,
      'ファイルを元に戻すか、新しい実行を始めてください。',
    ),
  modelsDiffer: ({ pathA, pathB, reason }) =>
    say(
      `${pathA} と ${pathB} は比較できません`,
      `入力または出力が異なります：${reason}`,
      '入力と出力が同じ 2 つのモデルを選んでください。',
    ),
  runInUse: ({ run, pid }) =>
    say(
      `実行 ${run} は別の場所で作業中です`,
      `このコンピューターの別の Fieldtune（プロセス ${pid}）が使っています。`,
      'それが終わるのを待つか、先に止めてください。',
    ),
  storeUnreadable: ({ path, reason }) =>
    say(
      '履歴を読み込めません',
      `ファイル ${path} の応答：${reason}`,
      'バックアップから復元するか、ファイルを移動して新しい履歴を始めてください。',
    ),
  storeFromFuture: ({ path, version, known }) =>
    say(
      '履歴は新しい版の Fieldtune で書かれています',
      `${path} の版は ${version} で、この Fieldtune が扱えるのは ${known} までです。ファイルは変更していません。`,
      'Fieldtune を更新してください。',
    ),
  storeBusy: ({ path }) =>
    say(
      '履歴は使用中です',
      `別の Fieldtune が ${path} に書き込んでいます。`,
      'それが終わるのを待って、もう一度試してください。',
    ),
  engineDied: ({ reason }) =>
    say(
      'エンジンが予期せず終了しました',
      `モデルを扱うプロセスが止まりました：${reason}`,
      'もう一度試してください。繰り返す場合は、メモリを空けるか、より小さいモデルを選んでください。',
    ),
  cancelled: () =>
    say(
      '停止しました',
      '停止の指示がありました。測定値は残り、途中のものは結果として書かれていません。',
      'いつでも始め直せます。',
    ),
  internal: ({ logId }) =>
    say(
      'Fieldtune の不具合が起きました',
      `詳細はログの ${logId} にあります。`,
      'もう一度試し、このログの番号を添えて報告してください。',
    ),
};
