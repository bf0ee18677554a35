import { assertNever } from '../contract/result.ts';
import type { ProgressNote, RunWarning, SearchEffort, StageSummary } from '../contract/run-notes.ts';
import { concernText } from '../report/concerns.ts';
import { deploymentWarning } from './deploy-messages.ts';
import { messageOf } from './messages.ts';
import { oneLine } from './one-line.ts';
import { formatBytes, formatCount, formatLatency, formatSeconds } from './quantities.ts';
import { formatLogError } from './tables/effort.ts';

/** What the stage at work counts or is at, for one line. */
export function noteText(note: ProgressNote): string {
  switch (note.kind) {
    case 'runnerBytes':
      return `bytes of the runner${note.board === undefined ? '' : ` for ${oneLine(note.board)}`}${note.secondsLeft === undefined ? '' : `, ${formatSeconds(note.secondsLeft)} left`}`;
    case 'calls':
      return `${note.again ? 'the order is not certain yet: ' : ''}${note.calls} calls`;
    case 'candidatesTimed':
      return 'candidates timed on the board';
    case 'candidatesFitted':
      return 'candidates fitted in closed form';
    case 'generation':
      return `generation ${note.generation}: ${formatCount(note.models)} whole models timed against A`;
    case 'originalTuned':
      return 'A itself, the same way';
    case 'studentAtWork':
      return `rung ${note.rung}: student ${note.student} of ${note.students}, ${timesAsFast(note.speedup)}`;
    case 'studentDone':
      return `rung ${note.rung}: ${timesAsFast(note.speedup)} at ${beside(note)} after ${note.steps} steps`;
    case 'verified':
      return verifiedNames[note.model];
    case 'evaluated':
      return `${note.model === 'a' ? 'A' : 'B'} on ${note.samples} samples`;
    case 'pairs':
      return 'pairs of A and B, with A against itself';
    case 'sustaining':
      return note.aUs === null || note.bUs === null
        ? 'seconds; warming up'
        : `seconds; A ${formatLatency(note.aUs)}, B ${formatLatency(note.bUs)}${note.temperatureC === null ? '' : `, ${note.temperatureC.toFixed(0)} °C`}`;
    case 'energy':
      return 'energy of A and B in turn';
    case 'modelBytes':
      return 'bytes of the model';
    case 'shadowing':
      return `inputs; ${formatCount(note.agreed)} agreed, ${formatCount(note.malformed)} files not usable`;
    default:
      return assertNever(note);
  }
}

/** What a stage came to, for one line. */
export function summaryText(summary: StageSummary): string {
  switch (summary.kind) {
    case 'connected':
      return `onnxruntime ${oneLine(summary.runtimeVersion)} on ${oneLine(summary.board)}`;
    case 'connectedSeveral':
      return `${summary.boards.map(oneLine).join(', ')} (${summary.boards.length} of ${summary.asked} boards)`;
    case 'profiled':
      return `${summary.calls} calls, ${summary.operators} operators, the order is ${summary.certain ? 'certain' : 'not certain'}`;
    case 'ranked':
      return `${summary.operators} operators, ${summary.latencyUs.toFixed(0)} µs${rankingText(summary)}`;
    case 'rewritten':
      return summary.rewrites === 0 ? 'nothing to rewrite' : `${summary.rewrites} exact rewrites`;
    case 'searched':
      return `${summary.proposed} proposed, ${summary.timed} timed${summary.effort ? effortText(summary.effort) : ''}`;
    case 'fitted':
      return `${summary.models} whole models go on`;
    case 'tuned':
      return `${timesAsFast(summary.speedup)} at ${beside(summary)} on samples for choosing`;
    case 'verified':
      return `${signed(summary.change)} points on ${summary.samples} samples`;
    case 'evaluated':
      return `${summary.metric === 'top-1' ? 'top-1 accuracy' : summary.metric === 'cosine' ? 'likeness of the outputs' : summary.metric} on ${summary.samples} samples`;
    case 'compared': {
      const bounds = summary.speedupInterval95.map((bound) => bound.toFixed(2));
      return `${timesAsFast(summary.speedup)} [${bounds.join(', ')}]`;
    }
    case 'paired':
      return `${summary.pairs} pairs`;
    case 'sustained':
      return `${formatCount(summary.blocks)} blocks in ${summary.minutes.toFixed(1)} min`;
    case 'reported':
      return `${summary.files} files`;
    case 'uploaded':
      return summary.sentBytes === 0
        ? 'it was there'
        : `${formatBytes(summary.sentBytes)}, hash equal on the board`;
    case 'smoked':
      return `${summary.samples} inputs, outputs off by ${(100 * summary.relativeError).toFixed(2)} % at most, ${formatLatency(summary.medianUs)} a call`;
    case 'switched':
      return `${oneLine(summary.active).slice(0, 12)} is active${summary.restarted ? ', service restarted' : ''}${summary.healthChecked ? ', service well' : ''}`;
    case 'shadowed':
      return `B agreed on ${formatCount(summary.agreed)} of ${formatCount(summary.inputs)} inputs`;
    default:
      return assertNever(summary);
  }
}

/** What a person should know although the work goes on, in one line. */
export function warningText(warning: RunWarning): string {
  switch (warning.kind) {
    case 'boardConcern': {
      const { command } = warning.concern;
      const mend = command === null ? '' : `; on the board: ${oneLine(command)}`;
      const of = warning.board === undefined ? '' : `${oneLine(warning.board)}: `;
      return `${of}${oneLine(concernText(warning.concern))}${mend}`;
    }
    case 'otherBoard':
      return `This is another board (${oneLine(warning.board)}) than the run began on, so everything is measured again`;
    case 'boardLeftOut':
      return `The run goes on without ${oneLine(warning.board)}: ${messageOf(warning.error).replace(/\.$/, '')}`;
    case 'sshConfigSkipped':
      return `Line ${warning.line} of ${oneLine(warning.file)} was left out: ${oneLine(warning.what)} is not supported`;
    case 'linkLost':
      return `The connection to ${oneLine(warning.board)} was lost (${oneLine(warning.reason)}); connecting again`;
    case 'linkBack':
      return `${oneLine(warning.board)} is connected again, with the same key and identity; what was interrupted is done once more`;
    case 'storeDamaged':
      return `The history ${oneLine(warning.path)} was damaged (${oneLine(warning.reason)}); it lies at ${oneLine(warning.setAside)} now, and a new one was begun`;
    case 'deploymentInterrupted':
    case 'deploymentCutOff':
      return deploymentWarning(warning);
    default:
      return assertNever(warning);
  }
}

const verifiedNames = {
  original: 'A on data kept aside',
  optimized: 'B on data kept aside',
  tunedOriginal: 'A tuned the same way',
} as const;

/** What a ranking took, where that is known. */
const rankingText = ({ inferences, inferencesFixed }: Extract<StageSummary, { kind: 'ranked' }>): string =>
  inferences === undefined || inferencesFixed === undefined
    ? ''
    : `, ${inferences} inferences (${inferencesFixed} at a fixed count)`;

function effortText({ predictor, ...effort }: SearchEffort): string {
  const foretold = predictor
    ? `predictions off by ${formatLogError(predictor.medianError)} from ${predictor.structures}`
    : 'too few for predictions';
  const spared = effort.sparedByMemory + effort.sparedByPrediction;
  return `: ${effort.structuresTimed} structures measured, ${spared} spared, ${foretold}; ${effort.timingInferences} inferences (${effort.timingInferencesFixed} at a fixed count)`;
}

const timesAsFast = (speedup: number): string => `${speedup.toFixed(2)} times as fast`;
const beside = (of: { readonly accuracy: number; readonly originalAccuracy: number }): string =>
  `${of.accuracy.toFixed(1)} % (A ${of.originalAccuracy.toFixed(1)} %)`;
const signed = (points: number): string => `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(2)}`;
