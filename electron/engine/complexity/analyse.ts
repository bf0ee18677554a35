import type { OperatorRow, ProfileResult } from '../../contract/api.ts';
import type { ProfileEvent, ProfileReply } from '../../runner/protocol.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import { readModel } from '../onnx/read.ts';
import { countMultiplyAdds, countParameters, type TensorShapes } from './cost.ts';
import { isRankingCertain, median, medianInterval, medianInterval95 } from './intervals.ts';
import { type MappedOperator, mapOperators } from './map-operators.ts';

/** The part of a profile that comes from its per-operator pass. */
export type OperatorAnalysis = Pick<
  ProfileResult,
  'operators' | 'unmapped' | 'unexplainedUs' | 'profilingOverhead' | 'rankingCertain'
>;

const bytesPerFloat = 4;

/**
 * Operator Complexity Analysis of one profile, slowest operator first. `optimizedModel` is the graph as the
 * runtime saved it (may be empty); `shapes`, where known, make the multiply-adds complete. Who looks more than once
 * whether the ranking is certain says how many `looks` there may be: each then asks for more, so that all together are
 * wrong in one of 20 runs at most (Bonferroni).
 */
export function analyseProfile(
  model: OnnxModel,
  profile: ProfileReply,
  optimizedModel: Uint8Array,
  shapes: TensorShapes = new Map(),
  looks = 1,
): OperatorAnalysis {
  const optimized = readModel(optimizedModel, 'optimized model');
  const mapping = mapOperators(model, optimized.ok ? optimized.value : null, profile.events);
  const cleanUs = median(profile.cleanUs);
  const confidence = 1 - 0.05 / looks;
  const timed = mapping.operators.map((mapped): Timed => {
    const events = mapped.executed.flatMap((index) => profile.events[index] ?? []);
    const callsUs = addCalls(events);
    return { mapped, callsUs, latencyUs: median(callsUs), outputBytes: events.at(-1)?.outputBytes ?? 0 };
  });
  const explainedUs = timed.reduce((sum, { latencyUs }) => sum + latencyUs, 0);
  // Profiling makes the calls of tiny operators longer, and counts whole microseconds: there they come to more than all.
  const wholeUs = Math.max(cleanUs, explainedUs);
  const measured = timed.map((one) => ({
    row: toRow(model, one, wholeUs, shapes),
    intervalUs: medianInterval(one.callsUs, confidence),
  }));
  const ranked = measured.map(({ row, intervalUs }) => ({ latencyUs: row.latencyUs, intervalUs }));
  const operators = measured.map(({ row }) => row).sort((a, b) => b.latencyUs - a.latencyUs);
  return {
    operators,
    unmapped: mapping.unmapped,
    unexplainedUs: cleanUs - explainedUs,
    profilingOverhead: median(profile.instrumentedUs) / cleanUs,
    rankingCertain: isRankingCertain(ranked),
  };
}

/** An operator with its calls. */
interface Timed {
  readonly mapped: MappedOperator;
  readonly callsUs: readonly number[];
  readonly latencyUs: number;
  readonly outputBytes: number;
}

function toRow(
  model: OnnxModel,
  { mapped, callsUs, latencyUs, outputBytes }: Timed,
  wholeUs: number,
  shapes: TensorShapes,
): OperatorRow {
  const nodes = [...(mapped.operator ? [mapped.operator] : []), ...mapped.absorbed];
  return {
    name: mapped.name,
    type: mapped.type,
    share: latencyUs / wholeUs,
    latencyUs,
    latencyInterval95Us: medianInterval95(callsUs),
    parameters: countParameters(model, nodes),
    multiplyAdds: sumMultiplyAdds(model, nodes, shapes, outputBytes / bytesPerFloat),
    outputBytes,
    absorbed: mapped.absorbed.map((node) => node.name),
    users: mapped.operator !== null,
  };
}

/** Time of each call over all nodes that the runtime made of one operator. */
function addCalls(events: readonly ProfileEvent[]): number[] {
  const calls = Math.min(...events.map((event) => event.callsUs.length));
  return Array.from({ length: Number.isFinite(calls) ? calls : 0 }, (_, call) =>
    events.reduce((sum, event) => sum + (event.callsUs[call] ?? 0), 0),
  );
}

function sumMultiplyAdds(
  model: OnnxModel,
  nodes: readonly OnnxNode[],
  shapes: TensorShapes,
  outputElements: number,
): number | null {
  let sum = 0;
  for (const node of nodes) {
    const count = countMultiplyAdds(model, node, shapes, outputElements);
    if (count === null) return null;
    sum += count;
  }
  return sum;
}
