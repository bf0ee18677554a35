import { logErrorPercent } from '../../electron/contract/log-error.ts';
import type { SearchEffort } from '../../electron/contract/run-notes.ts';
import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import { concernWords } from './concerns.ts';
import type { Quantities } from './quantities.ts';
import type { RunNotesTable } from './run-notes-table.ts';

/** What long work says, in English. */
export const runNotesEn: RunNotesTable = {
  notes: {
    runnerBytes: ({ board, secondsLeft }, q) =>
      `bytes of the runner${board === undefined ? '' : ` for ${board}`}${secondsLeft === undefined ? '' : `, ${q.duration(secondsLeft)} left`}`,
    calls: ({ calls, again }, q) =>
      `${again ? 'the order is not certain yet: ' : ''}${counted(q, calls, 'call')}`,
    candidatesTimed: () => 'candidates timed on the board',
    candidatesFitted: () => 'candidates fitted in closed form',
    generation: ({ generation, models }, q) =>
      `generation ${generation}: ${q.count(models)} whole models timed against A`,
    originalTuned: () => 'A itself, the same way',
    studentAtWork: ({ rung, student, students, speedup }, q) =>
      `rung ${rung}: student ${student} of ${students}, ${q.ratio(speedup)} as fast as A`,
    studentDone: ({ rung, speedup, accuracy, originalAccuracy, steps }, q) =>
      `rung ${rung}: ${q.ratio(speedup)} as fast at ${q.percent(accuracy)} (A ${q.percent(originalAccuracy)}) after ${counted(q, steps, 'step')}`,
    verified: ({ model }) => verified[model],
    evaluated: ({ model, samples }, q) => `${model.toUpperCase()} on ${counted(q, samples, 'sample')}`,
    pairs: () => 'pairs of A and B, with A against itself',
    sustaining: ({ aUs, bUs, temperatureC }, q) =>
      aUs === null || bUs === null
        ? 'warming up'
        : `A ${q.latency(aUs)}, B ${q.latency(bUs)}${temperatureC === null ? '' : `, ${q.count(Math.round(temperatureC))} °C`}`,
    energy: () => 'energy of A and B in turn',
    modelBytes: () => 'bytes of the model',
    shadowing: ({ agreed, malformed }, q) =>
      `${q.count(agreed)} agreed, ${counted(q, malformed, 'file')} not usable`,
  },
  summaries: {
    shadowed: ({ inputs, agreed }, q) => `B agreed on ${q.count(agreed)} of ${counted(q, inputs, 'input')}`,
    connected: ({ runtimeVersion, board }) => `onnxruntime ${runtimeVersion} on ${board}`,
    connectedSeveral: ({ boards, asked }, q) =>
      `${boards.join(', ')} (${q.count(boards.length)} of ${counted(q, asked, 'board')})`,
    profiled: ({ calls, operators, certain }, q) =>
      `${counted(q, calls, 'call')}, ${counted(q, operators, 'operator')}, the order is ${certain ? 'certain' : 'not certain'}`,
    ranked: ({ operators, latencyUs, inferences, inferencesFixed }, q) =>
      [
        `${counted(q, operators, 'operator')}, ${q.latency(latencyUs)}`,
        ...(inferences === undefined || inferencesFixed === undefined
          ? []
          : [`${counted(q, inferences, 'inference')} (${q.count(inferencesFixed)} at a fixed count)`]),
      ].join(', '),
    rewritten: ({ rewrites }, q) =>
      rewrites === 0 ? 'nothing to rewrite' : counted(q, rewrites, 'exact rewrite'),
    searched: ({ proposed, timed, effort }, q) =>
      `${q.count(proposed)} proposed, ${q.count(timed)} timed${effort ? effortText(effort, q) : ''}`,
    fitted: ({ models }, q) => `${counted(q, models, 'whole model')} to go on with`,
    tuned: ({ speedup, accuracy, originalAccuracy }, q) =>
      `${q.ratio(speedup)} as fast at ${q.percent(accuracy)} (A ${q.percent(originalAccuracy)}) on samples for choosing`,
    verified: ({ change, samples }, q) => `${q.points(change)} on ${counted(q, samples, 'sample')}`,
    evaluated: ({ metric, samples }, q) =>
      `${metric === 'top-1' ? 'top-1 accuracy' : metric === 'cosine' ? 'likeness of the outputs' : 'agreement'} on ${counted(q, samples, 'sample')}`,
    compared: ({ speedup, speedupInterval95 }, q) =>
      `${q.ratio(speedup)} as fast, 95 % ${q.interval(speedupInterval95)}`,
    paired: ({ pairs }, q) => counted(q, pairs, 'pair'),
    sustained: ({ blocks, minutes }, q) => `${counted(q, blocks, 'block')} in ${q.duration(60 * minutes)}`,
    reported: ({ files }, q) => counted(q, files, 'file'),
    uploaded: ({ sentBytes }, q) =>
      sentBytes === 0 ? 'it was there' : `${q.bytes(sentBytes)}, hash equal on the board`,
    smoked: ({ samples, relativeError, medianUs }, q) =>
      `${counted(q, samples, 'input')}, outputs off by ${q.percent(100 * relativeError)} at most, ${q.latency(medianUs)} a call`,
    switched: ({ active, restarted, healthChecked }) =>
      `${active.slice(0, 12)} is active${restarted ? ', service restarted' : ''}${healthChecked ? ', service well' : ''}`,
  },
  warnings: {
    boardConcern: ({ concern, board }) =>
      `${board === undefined ? '' : `${board}: `}${concernWords(concern, 'en').replace(/[.。]$/, '')}`,
    otherBoard: ({ board }) =>
      `This is another board (${board}) than the run began on, so everything is measured again`,
    boardLeftOut: ({ board, error }, why) => `The run goes on without ${board}. ${why(error)}`,
    sshConfigSkipped: ({ file, line, what }) =>
      `Line ${line} of ${file} was left out: ${what} is not supported`,
    linkLost: ({ board, reason }) => `The connection to ${board} was lost (${reason}); connecting again`,
    linkBack: ({ board }) =>
      `${board} is connected again, with the same key and identity; what was interrupted is done once more`,
    storeDamaged: ({ path, setAside, reason }) =>
      `The history ${path} was damaged (${reason}); it lies at ${setAside} now, and a new one was begun`,
    deploymentInterrupted: ({ board, path, action }) =>
      `${acted[action]} at ${path} on ${board} was cut off in an earlier session: look at what is on the board`,
    deploymentCutOff: ({ board, path, action, by, cutOff }) =>
      `${acted[action]} by ${by} at ${path} on ${board} had been cut off ${cameTo[cutOff]}`,
  },
  reasons: {
    noSearch: (_, __, obstacle) => `No search was made: ${obstacle}.`,
    noneFaster: () => 'No candidate was faster on the board as a whole model.',
    accuracyLost: ({ allowed, looks }, q) => {
      const losses = looks.map(({ speedup, change }) => `${q.ratio(speedup)} as fast at ${q.points(change)}`);
      return `More accuracy was lost on data kept aside than the ${counted(q, allowed, 'point')} allowed: ${losses.join('; ')}.`;
    },
    notFaster: ({ verdict, boards }) => {
      const where = boards === undefined ? 'the board' : boards.join(', ');
      return `The best candidate was ${verdict === 'slower' ? 'slower than' : 'not distinguishable in speed from'} A on ${where}.`;
    },
  },
  obstacles: {
    severalInputs: ({ inputs }) => `the model has ${inputs} inputs, and the data has one`,
    inEightBits: ({ operator }) =>
      `the model is in 8 bits already (${operator}); give the float model that it was made from, and 8 bits are tried as well`,
    undefinedOperator: ({ operator, reason }) => `${operator} has no definition in instructions: ${reason}`,
  },
  log: {
    runCreated: ({ run, out }) => `Run ${run}, results in ${out}`,
    boardConnected: ({ identity: { name, cpu, arch, cores }, installedBytes }, { quantities: q }) => {
      const runner = installedBytes === 0 ? '' : `; runner installed (${q.bytes(installedBytes)})`;
      return `Board ${name}: ${cpu}, ${arch}, ${counted(q, cores, 'core')}${runner}`;
    },
    warning: ({ warning }, parts) => parts.warning(warning),
    stageFinished: (entry, parts) => `${parts.finished(entry)} (${parts.quantities.duration(entry.seconds)})`,
    ranking: ({ latencyUs, slowest }, { quantities: q }) => {
      const whole = `One inference takes ${q.latency(latencyUs)}`;
      if (slowest === null) return whole;
      return `${whole}; ${slowest.name} (${slowest.type}) takes the most, ${q.percent(100 * slowest.share)}`;
    },
    originalAccuracy: ({ percent }, { quantities: q }) =>
      `The original reaches ${q.percent(percent)} on the samples for choosing`,
    point: ({ point }, { quantities: q }) => pointText(point, q),
    asked: ({ question }) => {
      switch (question.kind) {
        case 'hostKey':
          return `First contact with ${question.board}: does it show ${question.fingerprint}?`;
        case 'password':
          return `${question.board} wants the password of ${question.user}`;
        case 'passphrase':
          return `The key ${question.file} needs its passphrase, for ${question.board}`;
        case 'keyboardInteractive':
          return `${question.board} asks ${question.user} something`;
        case 'deployment':
          return `May ${question.plan.path} on ${question.plan.board.name} be changed?`;
        case 'removal':
          return `May what Fieldtune put on ${question.found.board} be deleted?`;
      }
    },
    answered: ({ about, accept }) => {
      if (about === 'hostKey') return accept ? 'The key was accepted' : 'The key was not accepted';
      if (about === 'deployment') return accept ? 'It may be changed' : 'It may not be changed';
      if (about === 'removal') return accept ? 'It may be deleted' : 'It may not be deleted';
      return accept ? 'It was answered' : 'It was not answered';
    },
    stopping: ({ state }) =>
      state === 'pausing'
        ? 'Pausing after the step at hand; what was measured is kept'
        : 'Stopping after the step at hand',
    done: () => 'Done',
    failed: ({ error }, parts) => (error === null ? 'Failed' : parts.error(error)),
    paused: () => 'Paused; what was measured is kept, and the run can go on from here',
    cancelled: ({ kept }) => (kept ? 'Stopped; what was measured is kept' : 'Stopped'),
  },
  finished: (stage, summary) => `${stage}: ${summary}`,
  failed: (happened, why) => `${happened}. ${why}`,
};

const acted = {
  deploy: 'A deployment',
  rollback: 'A rollback',
  unmanage: 'Giving back the plain file',
} as const;

const cameTo = {
  notSwitched: 'before the switch: the model before is active, and what was left has been removed',
  finished: 'after the switch: the new model is active',
  unchecked:
    'after the switch: the new model is active, but restart and check were never finished; deploy it again, or roll back',
  unmanaged: 'after the switch: a plain file is there, and what was left has been removed',
  stillManaged: 'before the switch: Fieldtune still manages the path',
} as const;

const verified = {
  original: 'A on data kept aside',
  optimized: 'B on data kept aside',
  tunedOriginal: 'A tuned the same way',
} as const;

function pointText(point: FrontPoint, q: Quantities): string {
  const { state, speedup, accuracy, speedupInterval95, accuracyInterval95, replacements } = point;
  const ratio = `${q.ratio(speedup)} as fast as the original`;
  const reached = accuracy === null ? '' : `, accuracy ${q.percent(accuracy)}`;
  const count = counted(q, replacements, 'replacement');
  switch (state) {
    case 'screened':
      return `Fastest candidate so far, as screened: ${ratio}${reached}, ${count}`;
    case 'tuned':
      return `A candidate after fine-tuning: ${ratio}${reached}, ${count}`;
    case 'refused':
      return `A candidate was refused: ${ratio}${reached}`;
    case 'confirmed': {
      const speed = speedupInterval95 === null ? '' : `, 95 % ${q.interval(speedupInterval95)}`;
      const right = accuracyInterval95 === null ? '' : `, 95 % ${q.interval(accuracyInterval95, 1)}`;
      return `Confirmed by a new measurement: ${ratio}${speed}${reached}${right}`;
    }
  }
}

const counted = (q: Quantities, count: number, noun: string): string =>
  `${q.count(count)} ${noun}${count === 1 ? '' : 's'}`;

function effortText({ predictor, ...effort }: SearchEffort, q: Quantities): string {
  const spared = effort.sparedByMemory + effort.sparedByPrediction;
  const foretold = predictor
    ? `predictions off by ${q.percent(logErrorPercent(predictor.medianError), 0)}, from ${q.count(predictor.structures)}`
    : 'too few for predictions';
  return `: ${counted(q, effort.structuresTimed, 'structure')} measured, ${q.count(spared)} spared, ${foretold}; ${counted(q, effort.timingInferences, 'inference')} (${q.count(effort.timingInferencesFixed)} at a fixed count)`;
}
