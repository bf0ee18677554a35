import { assertNever } from '../../../contract/result.ts';
import type { NothingFound, SearchObstacle } from '../../../contract/run-notes.ts';

/** Why a run found nothing, in the one English sentence that `result.json` has for it. */
export function explain(reason: NothingFound): string {
  switch (reason.kind) {
    case 'noSearch':
      return `No search was made: ${obstacleText(reason.obstacle)}.`;
    case 'noneFaster':
      return 'No candidate was faster on the board as a whole model.';
    case 'accuracyLost': {
      const losses = reason.looks.map(
        ({ speedup, change }) => `${speedup.toFixed(2)} times as fast at ${signed(change)} points`,
      );
      return `More accuracy was lost on data kept aside than the ${reason.allowed} ${reason.allowed === 1 ? 'point' : 'points'} allowed: ${losses.join('; ')}.`;
    }
    case 'notFaster': {
      const where = reason.boards === undefined ? 'the board' : reason.boards.join(', ');
      return `The best candidate was ${reason.verdict === 'slower' ? 'slower than' : 'not distinguishable in speed from'} A on ${where}.`;
    }
    default:
      return assertNever(reason);
  }
}

function obstacleText(obstacle: SearchObstacle): string {
  switch (obstacle.kind) {
    case 'severalInputs':
      return `the model has ${obstacle.inputs} inputs, and the data has one`;
    case 'inEightBits':
      return `the model is in 8 bits already (${obstacle.operator}); give the float model that it was made from, and 8 bits are tried as well`;
    case 'undefinedOperator':
      return `${obstacle.operator} has no definition in instructions: ${obstacle.reason}`;
    default:
      return assertNever(obstacle);
  }
}

/** Percentage points with their sign and two decimals, e.g. `−0.42`. */
export const signed = (points: number): string => `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(2)}`;
