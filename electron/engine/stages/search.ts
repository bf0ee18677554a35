import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { TriedProgram } from '../../contract/search-progress.ts';
import type { StoredCandidate } from '../../store/candidates.ts';
import { checkProgram, signatureOf } from '../instructions/check.ts';
import { costOf } from '../instructions/cost.ts';
import { lowerToModel } from '../instructions/lower.ts';
import { print } from '../instructions/print.ts';
import type { Program } from '../instructions/program.ts';
import { writeModel } from '../onnx/write.ts';
import { findGroups, type Group } from '../operators/groups.ts';
import { importRegion } from '../operators/import.ts';
import { type Draft, linears } from '../search/draft.ts';
import { applyEdits, describeEdit, type Edit, firstChannels } from '../search/edits.ts';
import { Fingerprints } from '../search/fingerprint.ts';
import { type Proposal, propose } from '../search/proposals.ts';
import { countFunnel } from './funnel.ts';
import type { ProfileFindings } from './profile.ts';
import { checkCancelled, type Study } from './study.ts';
import { quickTiming, timeAgainst } from './timing.ts';

/** A candidate that passed the checks: a program for a group, with what is known of it so far. */
export interface Candidate {
  readonly ordinal: number;
  readonly place: Place;
  readonly proposal: Proposal;
  readonly draft: Draft;
  fate: StoredCandidate['fate'];
  reason: string | null;
  latencyUs: number | null;
  ratio: number | null;
  error: number | null;
  klNats: number | null;
}

/** An operator group with its program and its place in the order of the network's linear instructions. */
export interface Place {
  readonly group: Group;
  readonly draft: Draft;
  readonly weights: readonly string[];
  /** Time of its operators in the profile, microseconds. */
  readonly latencyUs: number;
}

/** Groups below this part of the latency are not worth a search. */
const smallestShare = 0.02;
/** Mutations and crossovers per group, on top of its seeds. */
const extraProposals = 6;
/** A candidate must beat its group by this on the board. */
const neededRatio = 1.1;
const mostPlaces = 60;
/** Structures timed for each second of the budget: about an eighth of it, at 0.15 s each. */
const timedPerSecond = 0.8;

/** Proposes, checks and times candidates for every group that is worth it. */
export async function searchCandidates(study: Study, profile: ProfileFindings): Promise<Candidate[]> {
  const places = choosePlaces(study, profile);
  const candidates: Candidate[] = [];
  const fingerprints = new Fingerprints();
  const rng = xoroshiro128plus(study.job.seed);
  for (const place of places)
    for (const proposal of propose(place.draft, extraProposals, rng))
      candidates.push(examine(place, proposal, candidates.length, fingerprints));
  study.live.funnel(countFunnel(candidates, 0));
  try {
    await timeCandidates(study, candidates);
  } finally {
    study.live.stopTrying();
  }
  await saveCandidates(study, candidates);
  return candidates;
}

/** Candidates in the form the store keeps. */
export async function saveCandidates(study: Study, candidates: readonly Candidate[]): Promise<void> {
  const stored = candidates.map(
    (c): StoredCandidate => ({
      ordinal: c.ordinal,
      group: c.place.group.name,
      operators: c.place.group.operators,
      program: print(c.draft.program),
      origin: originOf(c),
      parents: [],
      fate: c.fate,
      reason: c.reason,
      latencyUs: c.latencyUs,
      ratio: c.ratio,
      error: c.error,
      klNats: c.klNats,
      parametersSha256: null,
    }),
  );
  await study.host.saveCandidates(stored);
}

const originOf = ({ proposal }: Candidate): string =>
  `${proposal.origin}: ${proposal.edits.map(describeEdit).join(' + ')}`;

/** The candidate as the window shows it beside what it would replace. */
export const triedProgram = (c: Candidate): TriedProgram => ({
  operators: c.place.group.operators,
  from: print(c.place.draft.program),
  to: print(c.draft.program),
  origin: originOf(c),
});

/** The groups in the order of the graph, those that take too little time left out. */
function choosePlaces(study: Study, profile: ProfileFindings): Place[] {
  const groups = findGroups(study.model, study.shapes, study.job.groupSize);
  const places = groups.flatMap((group): Place[] => {
    const program = importRegion(study.model, new Set(group.operators), study.shapes);
    const values = new Map(
      [...study.whole!.parameters].filter(([name]) =>
        program.instructions.some((i) => i.op === 'parameter' && i.attributes.name === name),
      ),
    );
    const draft: Draft = { program, parameters: values, refits: [] };
    const weights = linears(program).map((l) => l.weight);
    const latencyUs = group.operators.reduce((sum, name) => sum + (profile.latencyUs.get(name) ?? 0), 0);
    const worth = latencyUs >= smallestShare * profile.totalUs && weights.length > 0;
    return worth ? [{ group, draft, weights, latencyUs }] : [];
  });
  if (places.length <= mostPlaces) return places;
  const least = places.map((p) => p.latencyUs).sort((a, b) => b - a)[mostPlaces - 1]!;
  return places.filter((p) => p.latencyUs >= least);
}

function examine(place: Place, proposal: Proposal, ordinal: number, fingerprints: Fingerprints): Candidate {
  const draft = applyEdits(place.draft, proposal.edits, firstChannels);
  const candidate: Candidate = {
    ordinal,
    place,
    proposal,
    draft: draft ?? place.draft,
    fate: 'proposed',
    reason: null,
    latencyUs: null,
    ratio: null,
    error: null,
    klNats: null,
  };
  if (!draft) return { ...candidate, reason: 'does not fit the operators' };
  const checked = checkProgram(draft.program, signatureOf(place.draft.program));
  if (!checked.ok) return { ...candidate, reason: checked.error };
  if (fingerprints.isDuplicate(place.group.name, draft.program))
    return { ...candidate, fate: 'duplicate', reason: 'equals an earlier one' };
  return { ...candidate, fate: 'checked' };
}

/** Groups and candidates of the same structure share one timing: values do not change it. */
const structureOf = (program: Program): string =>
  JSON.stringify(
    program.instructions.map(({ op, inputs, attributes }) => [
      op,
      inputs,
      op === 'constant' ? 0 : { ...attributes, name: '' },
    ]),
  );

async function timeCandidates(study: Study, candidates: readonly Candidate[]): Promise<void> {
  const byBaseline = new Map<string, Map<string, Candidate[]>>();
  for (const c of candidates) {
    if (c.fate !== 'checked') continue;
    if (costOf(c.draft.program).multiplyAdds > 1.5 * costOf(c.place.draft.program).multiplyAdds) {
      c.reason = 'costs more arithmetic than what it replaces';
      continue;
    }
    const baseline = structureOf(c.place.draft.program);
    const own = byBaseline.get(baseline) ?? new Map<string, Candidate[]>();
    byBaseline.set(baseline, own);
    const key = structureOf(c.draft.program);
    own.set(key, [...(own.get(key) ?? []), c]);
  }
  limit(byBaseline, Math.round(study.job.budgetSeconds * timedPerSecond));
  const total = [...byBaseline.values()].reduce((sum, m) => sum + m.size, 0);
  let done = 0;
  for (const structures of byBaseline.values()) {
    checkCancelled(study.host);
    const groups = [...structures.values()];
    if (groups.length === 0) continue;
    const baseline = subgraph(study, groups[0]![0]!.place.draft);
    const models = groups.map((g) => subgraph(study, g[0]!.draft));
    await timeAgainst(study, baseline, models, quickTiming, {
      onStart: (first, count) =>
        study.live.trying(groups.slice(first, first + count).map((g) => triedProgram(g[0]!))),
      onTimed: (first, timed) => {
        timed.forEach(({ ratio, latencyUs }, i) => {
          for (const c of groups[first + i]!) judge(c, ratio, latencyUs);
        });
        done += timed.length;
        const note = { kind: 'candidatesTimed' } as const;
        study.host.event({ kind: 'progress', stage: 'search', done, total, note });
        study.live.funnel(countFunnel(candidates, 0));
      },
    });
  }
}

/** Keeps the first `most` structures in turns, one of each group after the other, so that none is left out. */
function limit(byBaseline: ReadonlyMap<string, Map<string, Candidate[]>>, most: number): void {
  const turns = [...byBaseline.values()].map((own) => ({ own, keys: [...own.keys()] }));
  let kept = 0;
  const longest = Math.max(0, ...turns.map(({ keys }) => keys.length));
  for (let turn = 0; turn < longest; turn++)
    for (const { own, keys } of turns) {
      const key = keys[turn];
      if (key === undefined || kept++ < most) continue;
      for (const c of own.get(key)!) c.reason = 'no time left to measure it';
      own.delete(key);
    }
}

function judge(c: Candidate, ratio: number | null, latencyUs: number | null): void {
  c.ratio = ratio;
  c.latencyUs = latencyUs;
  if (ratio === null) c.reason = 'the runtime refuses it';
  else {
    c.fate = 'timed';
    if (ratio < neededRatio) c.reason = `only ${ratio.toFixed(2)} times as fast as what it replaces`;
  }
}

function subgraph(study: Study, draft: Draft): Uint8Array {
  // Names and values of the first of equals would make each key of the memo its own; shapes are what is timed.
  return writeModel(
    lowerToModel(draft.program, draft.parameters, { opset: study.model.opsets['']!, batch: 1 }),
  );
}

/** True for a candidate worth fitting. */
export const isFast = (c: Candidate): boolean =>
  c.fate === 'timed' && c.ratio !== null && c.ratio >= neededRatio;

/** Time that a candidate saves in the whole model, by its ratio and its group's profile. */
export const savedUs = (c: Candidate): number => (c.ratio ? c.place.latencyUs * (1 - 1 / c.ratio) : 0);

/** All edits of some candidates together. */
export const editsOf = (chosen: readonly Candidate[]): Edit[] => chosen.flatMap((c) => [...c.proposal.edits]);
