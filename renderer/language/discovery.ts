import type { DiscoveryProblem } from '../../electron/contract/found-boards.ts';
import { fitToShow } from './foreign-text.ts';
import type { Language } from './language.ts';

/** What stands in the way of a board in words, and the commands that mend it. */
export interface ProblemWords {
  readonly text: string;
  readonly commands: readonly string[];
}

type Table = {
  readonly [K in DiscoveryProblem['kind']]: (
    problem: Extract<DiscoveryProblem, { readonly kind: K }>,
  ) => string;
};

const en: Table = {
  localNetworkDenied: () =>
    'macOS keeps Fieldtune off the local network, so no board is found there. Allow it under System Settings › Privacy & Security › Local Network.',
  multicastFailed: ({ reason }) =>
    `Boards could not be asked for by mDNS: ${reason}. Check the network and the firewall (UDP port 5353), or type the address.`,
  usbNetworkDown: ({ network }) =>
    `The USB network ${network} of a board is plugged in, but this computer has no address on it. Get one:`,
  serialDenied: ({ path, group, relogin }) =>
    relogin
      ? `You may not open ${path} yet, though you are in the group ${group}. Sign out of this computer and in again.`
      : `You may not open ${path}, which is for the group ${group}. Join the group and sign in again, or install Fieldtune’s udev rule:`,
  serialBusy: ({ path, program, pid }) =>
    `${path} is open in ${program} (process ${pid}). Close that program first.`,
  modemManager: ({ path }) =>
    `ModemManager may talk to ${path} for some seconds after it was plugged in. Wait half a minute, or install Fieldtune’s udev rule:`,
  serialDriverMissing: ({ adapter, culprit }) =>
    culprit === null
      ? `${adapter} is plugged in and has no serial port, as its driver is not loaded. Load it:`
      : `${adapter} is plugged in, but ${culprit} has taken it. Remove that program, then plug the adapter in again:`,
  udevMissing: () =>
    'udevadm is missing, so serial ports are found by their files alone. Install it for their names, or type the path of a port:',
};

const ja: Table = {
  localNetworkDenied: () =>
    'macOS がローカルネットワークへの接続を許可していないため、ボードを見つけられません。「システム設定」›「プライバシーとセキュリティ」›「ローカルネットワーク」で許可してください。',
  multicastFailed: ({ reason }) =>
    `mDNS でボードを探せませんでした：${reason}。ネットワークとファイアウォール（UDP ポート 5353）を確認するか、アドレスを入力してください。`,
  usbNetworkDown: ({ network }) =>
    `ボードの USB ネットワーク ${network} は接続されていますが、このコンピューターにアドレスがありません。次で取得できます：`,
  serialDenied: ({ path, group, relogin }) =>
    relogin
      ? `${path} はまだ開けません。グループ ${group} には入っています。このコンピューターからサインアウトし、もう一度サインインしてください。`
      : `${path} を開く権限がありません（グループ ${group} 用）。グループに入ってサインインし直すか、Fieldtune の udev ルールを入れてください：`,
  serialBusy: ({ path, program, pid }) =>
    `${path} は ${program}（プロセス ${pid}）が使用中です。先にそのプログラムを閉じてください。`,
  modemManager: ({ path }) =>
    `接続直後の数秒間、ModemManager が ${path} に書き込むことがあります。30 秒ほど待つか、Fieldtune の udev ルールを入れてください：`,
  serialDriverMissing: ({ adapter, culprit }) =>
    culprit === null
      ? `${adapter} は接続されていますが、ドライバーが読み込まれておらず、シリアルポートがありません。次で読み込めます：`
      : `${adapter} は接続されていますが、${culprit} が占有しています。そのプログラムを削除し、アダプターを差し直してください：`,
  udevMissing: () =>
    'udevadm がないため、シリアルポートはファイル名だけで探しました。名前を表示するにはインストールするか、ポートのパスを入力してください：',
};

const tables: { readonly [L in Language]: Table } = { en, ja };

/** The words for a problem; what a system or a device says of itself is made fit to be shown. */
export function problemWords(problem: DiscoveryProblem, language: Language): ProblemWords {
  const shown = fitToShow(problem);
  // One entry a kind: the union of the functions takes the problem that it was looked up for.
  const say = tables[language][shown.kind] as (one: DiscoveryProblem) => string;
  return { text: say(shown), commands: commandsOf(problem) };
}

function commandsOf(problem: DiscoveryProblem): readonly string[] {
  if (problem.kind === 'serialDenied') return problem.relogin ? [] : [problem.command, problem.ruleCommand];
  return 'command' in problem ? [problem.command] : [];
}
