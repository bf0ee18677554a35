import type { CheckResult, DeploymentRecord, DeployResult, PathReport } from '../../contract/deploy.ts';
import { trialText } from '../deploy-question.ts';
import { oneLine } from '../one-line.ts';
import { formatLatency, formatSeconds } from '../quantities.ts';
import { tableLines } from './text-table.ts';
import type { View } from './view.ts';

const short = (sha256: string | null): string => (sha256 === null ? '' : oneLine(sha256).slice(0, 12));

const endings = {
  deploy: 'is active',
  rollback: 'is active again',
  unmanage: 'is a plain file again, and nothing of Fieldtune is left beside it',
} as const;

/** Lines that tell what became of a deployment, a rollback or a return of the plain file. */
export function deployResultLines(result: DeployResult, { paint }: View): string[] {
  const { action, board, address, path, active, previous, smoke } = result;
  const place = `${oneLine(path)} on ${oneLine(board.name)}`;
  const service = [result.restarted && 'restarted', result.healthChecked && 'well'].filter(Boolean);
  return [
    paint('bold', `${short(active)} ${endings[action]} at ${place}`),
    ...(smoke
      ? [
          `Tried there before the switch: ${smoke.samples} inputs ${smoke.fromData ? 'kept aside from the search' : 'drawn at random'}, outputs off by ${(100 * smoke.relativeError).toFixed(2)} % at most, ${formatLatency(smoke.medianUs)} a call`,
        ]
      : []),
    ...(action === 'deploy' ? [`Trial: ${trialText(result.trial)}`] : []),
    ...(service.length > 0 ? [`Service: ${service.join(', ')}`] : []),
    ...(previous === null
      ? []
      : [
          `The model before (${short(previous)}) is kept: fieldtune rollback --board ${oneLine(address)} --path ${oneLine(path)}`,
        ]),
    `Done in ${formatSeconds(result.seconds)}`,
  ];
}

/** Lines that list deployments in the order given; times in UTC. */
export function deploymentLines(records: readonly DeploymentRecord[], view: View): string[] {
  if (records.length === 0) return ['Nothing was put on a board yet: start with fieldtune deploy.'];
  const rows = records.map((record) => [
    record.updatedAt.slice(0, 16).replace('T', ' '),
    oneLine(record.boardName),
    oneLine(record.path),
    record.action,
    record.state,
    short(record.sha256),
    short(record.previous),
    oneLine(record.by),
  ]);
  const lines = tableLines(
    [
      { title: 'When (UTC)' },
      { title: 'Board', shrinkTo: 6 },
      { title: 'Path', shrinkTo: 12 },
      { title: 'What' },
      { title: 'State' },
      { title: 'Model' },
      { title: 'Before' },
      { title: 'By', shrinkTo: 6 },
    ],
    rows,
    view.width,
    view.paint,
  );
  const cutOff = records.find(({ state }) => state === 'interrupted');
  return cutOff === undefined
    ? lines
    : [
        ...lines,
        '',
        `See what a board is left with: fieldtune deployments check --board ${oneLine(cutOff.address)}`,
      ];
}

/** Lines that tell what a board says of its paths. */
export function checkLines({ board, paths }: CheckResult, view: View): string[] {
  if (paths.length === 0)
    return [`Nothing was put on ${oneLine(board.name)} from here; name a path with --path to look at it.`];
  return paths.flatMap((report, index) => [...(index > 0 ? [''] : []), ...pathLines(report, view)]);
}

const standings: Readonly<Record<PathReport['standing'], string>> = {
  managed: 'managed by Fieldtune',
  plain: 'a plain file',
  missing: 'nothing is there',
  foreign: 'nothing that Fieldtune takes: a folder, a device or a link of somebody else',
};

function pathLines(
  { path, standing, active, matches, versions, lockedBy }: PathReport,
  { paint }: View,
): string[] {
  return [
    paint('bold', oneLine(path)),
    `  ${standings[standing]}${active === null ? '' : `, ${short(active.sha256)} is active`}`,
    ...(matches === false
      ? ['  The active file is not the one that Fieldtune put there: somebody changed it, or it is damaged']
      : []),
    ...versions.map(({ sha256, isActive, isPrevious, sound }) => {
      const marks = [isActive && 'active', isPrevious && 'the way back', !sound && 'damaged'].filter(Boolean);
      return `  ${short(sha256)}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
    }),
    ...(lockedBy === null ? [] : [`  ${lockedBy === '' ? 'Somebody' : oneLine(lockedBy)} is at work there`]),
  ];
}
