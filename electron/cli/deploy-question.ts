import type { DeployPlan, DeployTrial } from '../contract/deploy.ts';
import { oneLine } from './one-line.ts';
import { formatBytes, formatRatioInterval, formatSeconds, formatSigned } from './quantities.ts';

/** What is about to happen to a board, a line each. */
export function planLines(plan: DeployPlan): readonly string[] {
  const { board, address, path, run, now, model, comparison, measuredOn, restart, health } = plan;
  const serial = board.serialNumber === null ? '' : `, serial number ${oneLine(board.serialNumber)}`;
  const lines: (string | false)[] = [
    `Board     ${oneLine(board.name)} (${oneLine(board.id).slice(0, 8)}${serial}) at ${oneLine(address)}`,
    `Path      ${oneLine(path)}`,
    now === null
      ? 'There now nothing'
      : `There now ${oneLine(now.sha256).slice(0, 12)}, ${formatBytes(now.sizeBytes)}, of ${now.modifiedAt.slice(0, 16).replace('T', ' ')} UTC`,
    model !== null &&
      `New       ${model.name === '' ? '' : `${oneLine(model.name)} `}${oneLine(model.sha256).slice(0, 12)}, ${formatBytes(model.sizeBytes)}${run === null ? '' : `, of run ${oneLine(run)}`}`,
    comparison !== null &&
      `Speed     ${formatRatioInterval(comparison.speedup, comparison.speedupInterval95)} as fast as A, measured on ${measuredOn === null ? 'this board' : oneLine(measuredOn)}`,
    comparison !== null &&
      `Accuracy  ${formatSigned(comparison.accuracyChange)} points [${comparison.accuracyChangeInterval95.map(formatSigned).join(', ')}]`,
    measuredOn !== null && 'Careful   this is another board, so nothing is known of its speed here',
    plan.action === 'deploy' && `Trial     ${trialText(plan.trial)}`,
    plan.trial?.state === 'rejected' && 'Careful   a person rejected this model on this board',
    plan.becomesManaged && 'Then      the plain file becomes a link that Fieldtune manages',
    restart !== null && `Then runs ${oneLine(restart)}`,
    health !== null && `Checks    ${oneLine(health)} (for up to ${formatSeconds(plan.healthTimeoutSeconds)})`,
    plan.action === 'unmanage'
      ? 'After it  the active model stays; the versions before it and all else of Fieldtune are gone'
      : now !== null && 'After it  the model before is kept, and comes back by itself where a check fails',
  ];
  return lines.filter((line) => line !== false);
}

/** What a person decided on the latest trial of a model on this board. */
export function trialText(trial: DeployTrial | null): string {
  if (trial === null) return 'none held on this board';
  const { state, decision } = trial;
  if (decision === null) return `${state} (${oneLine(trial.trial)})`;
  const { by, at, note } = decision;
  return `${state} by ${oneLine(by)} on ${oneLine(at).slice(0, 10)}${note === '' ? '' : `: ${oneLine(note)}`}`;
}

const questions = {
  deploy: ['Replace the model on this board?', 'Yes, replace it'],
  despiteTrial: ['Its trial was rejected: replace the model all the same?', 'Yes, despite its trial'],
  rollback: ['Go back to this version?', 'Yes, roll back'],
  unmanage: ['Give the plain file back?', 'Yes, give it back'],
} as const;

/** Asks a person at the terminal before a board is changed; anything but an explicit yes is a no. */
export async function askDeployment(plan: DeployPlan, signal: AbortSignal): Promise<boolean> {
  const { confirm, note } = await import('@clack/prompts');
  const isRejected = plan.trial?.state === 'rejected';
  const [message, active] = questions[isRejected ? 'despiteTrial' : plan.action];
  note(planLines(plan).join('\n'), 'What will be done');
  const answer = await confirm({ message, active, inactive: 'No, cancel', initialValue: false, signal });
  return answer === true;
}
