import type { StageName } from '../../electron/contract/api.ts';
import { texts } from './language.ts';

/** Names of the stages of a run and of a deployment. */
export const stageTexts = texts<StageName>(
  'stages',
  {
    connect: 'Connect',
    profile: 'Profile',
    rewrite: 'Rewrite',
    search: 'Search',
    fit: 'Fit',
    tune: 'Fine-tune',
    verify: 'Verify',
    compare: 'Compare',
    report: 'Report',
    upload: 'Send the model',
    smoke: 'Try it on the board',
    switch: 'Switch',
    trial: 'Trial',
  },
  {
    connect: '接続',
    profile: 'プロファイル',
    rewrite: '書き換え',
    search: '探索',
    fit: '当てはめ',
    tune: '微調整',
    verify: '検証',
    compare: '比較',
    report: 'レポート',
    upload: 'モデルの送信',
    smoke: 'ボードでの試行',
    switch: '切り替え',
    trial: '試行',
  },
);
