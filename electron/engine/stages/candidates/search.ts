import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { TriedProgram } from '../../../contract/search-progress.ts';
import type { StoredCandidate } from '../../../store/candidates.ts';
import type { Trial } from '../../../store/experiences.ts';
import { featuresOf } from '../../experience/features.ts';
import { formsOf } from '../../experience/forms.ts';
import { type FormWeights, type GroupKind, neededRatio, weightOf } from '../../experience/weights.ts';
import { checkProgram, signatureOf } from '../../instructions/check.ts';
import { print } from '../../instructions/print.ts';
import { findGroups, type Group } from '../../operators/groups.ts';
import { importRegion } from '../../operators/import.ts';
import { type Draft, linears } from '../../search/draft.ts';
import { applyEdits, describeEdit, type Edit, firstChannels } from '../../search/edits.ts';
import { Fingerprints } from '../../search/fingerprint.ts';
import { type Proposal, propose } from '../../search/proposals.ts';
import type { ProfileFindings } from '../measuring/profile.ts';
import type { Study } from '../study.ts';
import { countFunnel } from './funnel.ts';
import { openMemory } from './memory.ts';
import { timeCandidates } from './time-candidates.ts';

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
  /** Its timing as later runs will remember it; none where this run did not time it. */
  trial?: Trial;
}

/** An operator group with its program and its place in the order of the network's linear instructions. */
export interface Place {
  readonly group: Group;
  readonly draft: Draft;
  readonly weights: readonly string[];
  /** Time of its operators in the profile, microseconds. */
  readonly latencyUs: number;
  readonly kind: GroupKind;
  /** What earlier runs make expect of the forms of edits here. */
  readonly expected: FormWeights;
}

/** Groups below this part of the latency are not worth a search. */
const smallestShare = 0.02;
/** Mutations and crossovers per group, on top of its seeds. */
const extraProposals = 6;
const mostPlaces = 60;

/** Proposes, checks and times candidates for every group that is worth it. */
export async function searchCandidates(study: Study, profile: ProfileFindings): Promise<Candidate[]> {
  const memory = await openMemory(study);
  const places = choosePlaces(study, profile).map((place) => ({
    ...place,
    expected: memory.weights(place.kind),
  }));
  const candidates: Candidate[] = [];
  const fingerprints = new Fingerprints();
  const rng = xoroshiro128plus(study.job.seed);
  for (const place of places) {
    const hope = (edits: readonly Edit[]) => weightOf(place.expected, formsOf(place.draft, edits));
    for (const proposal of propose(place.draft, extraProposals, rng, hope))
      candidates.push(examine(place, proposal, candidates.length, fingerprints));
  }
  study.live.funnel(countFunnel(candidates, 0));
  try {
    await timeCandidates(study, candidates, memory, (some) => study.live.trying(some.map(triedProgram)));
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
function choosePlaces(study: Study, profile: ProfileFindings): Omit<Place, 'expected'>[] {
  const groups = findGroups(study.model, study.shapes, study.job.groupSize);
  const types = new Map(study.model.nodes.map(({ name, type }) => [name, type]));
  const places = groups.flatMap((group) => {
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
    if (!worth) return [];
    const operatorTypes = group.operators.flatMap((name) => types.get(name) ?? []);
    return [{ group, draft, weights, latencyUs, kind: { operatorTypes, features: featuresOf(program) } }];
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

/** True for a candidate worth fitting. */
export const isFast = (c: Candidate): boolean =>
  c.fate === 'timed' && c.ratio !== null && c.ratio >= neededRatio;

/** Time that a candidate saves in the whole model, by its ratio and its group's profile. */
export const savedUs = (c: Candidate): number => (c.ratio ? c.place.latencyUs * (1 - 1 / c.ratio) : 0);

/** All edits of some candidates together. */
export const editsOf = (chosen: readonly Candidate[]): Edit[] => chosen.flatMap((c) => [...c.proposal.edits]);
