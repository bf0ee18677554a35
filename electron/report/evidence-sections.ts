import { logErrorPercent } from '../contract/log-error.ts';
import type { SearchEffort } from '../contract/run-notes.ts';
import type { RunResult } from '../contract/run-result.ts';
import { boardFacts, type Fact } from './board-facts.ts';
import { blockChart, operatorChart } from './charts.ts';
import { blockRatios, type ReportExtras } from './extras.ts';
import { type Html, html } from './html.ts';
import { limitsOf } from './limits.ts';
import {
  countText,
  durationText,
  figure,
  fixed,
  percentText,
  shareText,
  significant,
  timeText,
} from './numbers.ts';

/** Where the time went before, and where it goes now. */
export function operatorsSection(result: RunResult, extras: ReportExtras): Html {
  const before = result.operators;
  const after = extras.optimizedOperators ?? [];
  if (before.length === 0) return html``;
  const scaleUs = Math.max(...[...before, ...after].map((operator) => operator.latencyUs), 1e-9);
  const replaced = new Set(result.replacements.flatMap(({ operators }) => operators));
  const known = new Set(before.filter(({ name }) => !replaced.has(name)).map(({ name }) => name));
  return html`<section><h2>Where the time goes</h2><div class="pair">
<figure><figcaption><span class="key a"></span>Before: operators of A</figcaption>
${operatorChart(before, { scaleUs, bar: 'a', mark: 'replaced' }, ({ name }) => replaced.has(name))}</figure>
${
  after.length === 0
    ? null
    : html`<figure><figcaption><span class="key b"></span>After: operators of B, same scale</figcaption>
${operatorChart(after, { scaleUs, bar: 'b', mark: 'new' }, ({ name }) => !known.has(name))}</figure>`
}
</div><p class="muted small" style="margin-top:10px">Time of each operator in one inference, and its share of the model’s.</p></section>`;
}

/** What was replaced by what, as programs. */
export function replacementsSection({ replacements }: RunResult): Html {
  const cards = replacements.map(
    ({
      operators,
      from,
      to,
      savedUs,
      damage,
    }) => html`<article class="replacement"><h3>${operators.join(', ')}</h3>
<div class="pair"><div class="from"><div class="small muted">Before</div><pre>${from}</pre></div><div class="to"><div class="small muted">After</div><pre>${to}</pre></div></div>
<div class="facts"><span>${
      savedUs === null
        ? 'Its time was measured as part of the whole only'
        : html`Saves ${figure(savedUs, timeText(savedUs))} an inference, measured on its own`
    }</span><span>${
      damage === null
        ? 'Its effect on the outputs was not measured on its own'
        : html`Moves the outputs by ${figure(damage, significant(damage))} nats (Kullback-Leibler divergence, on its own)`
    }</span></div></article>`,
  );
  const none = html`<p>Nothing was replaced.</p>`;
  return html`<section><h2>What was replaced</h2>${cards.length > 0 ? cards : none}
${cards.length > 1 ? html`<p class="muted small">Savings of single replacements do not add up to the whole: only the comparison of the whole models counts.</p>` : null}</section>`;
}

/** How each figure came about. */
export function methodSection(result: RunResult, extras: ReportExtras): Html {
  const { board, data, model, original, optimized } = result;
  const { comparison: evidence, identity } = extras;
  const conditions = evidence?.conditions;
  const ratios = evidence ? blockRatios(evidence) : [];
  const facts: Fact[] = [
    ['Board', html`${board.name} <span class="muted">(${board.id})</span>`],
    identity?.serialNumber ? ['Serial number', identity.serialNumber] : null,
    ['Processor', `${board.cpu}, ${board.arch}${identity ? `, ${countText(identity.cores)} cores` : ''}`],
    ['System', board.os],
    ['Runtime', `onnxruntime ${board.runtimeVersion}`],
    ['Threads', figure(board.threads, countText(board.threads))],
    board.level === undefined
      ? null
      : ['Graph level', board.level === 'all' ? 'all' : `${board.level}, without the blocked layout`],
    extras.latencyCalls === undefined
      ? null
      : [
          'Latency',
          html`percentiles over ${figure(extras.latencyCalls, countText(extras.latencyCalls))} inferences a model, without profiling`,
        ],
    evidence
      ? [
          'Comparison',
          html`${figure(evidence.pairs, countText(evidence.pairs))} interleaved pairs in random order, ${evidence.clock === 'cpu' ? 'process CPU time' : 'wall time'}; interval from a bootstrap over blocks; ${figure(evidence.droppedBlocks, countText(evidence.droppedBlocks))} blocks dropped`,
        ]
      : null,
    evidence?.noiseFloor === undefined
      ? null
      : [
          'Noise floor',
          html`A against itself under the same conditions: ±${figure(evidence.noiseFloor, fixed(evidence.noiseFloor * 100, 1))} %`,
        ],
    ...boardFacts(result, extras),
    conditions ? ['Conditions after the comparison', conditionsText(conditions)] : null,
    [
      'Data',
      html`${data.name} (${data.metric}): ${figure(data.fit, countText(data.fit))} samples to fit, ${figure(data.select, countText(data.select))} to choose, ${figure(data.verify, countText(data.verify))} to verify. The three parts are disjoint; the last serves the reported accuracy alone.`,
    ],
    ['Seed', figure(result.seed, String(result.seed))],
    ['Run', html`<code>${result.run}</code>`],
    ['Model file', html`<code>${model.path}</code>`],
    ['sha256 of A', html`<code>${original.sha256}</code>`],
    ['sha256 of B', html`<code>${optimized.sha256}</code>`],
  ];
  return html`<section><h2>How it was measured</h2><dl>${facts.map((fact) => (fact ? html`<dt>${fact[0]}</dt><dd>${fact[1]}</dd>` : null))}</dl>
${
  ratios.length < 3
    ? null
    : html`<figure style="margin-top:20px"><figcaption>Ratio of A’s time to B’s in each of ${countText(ratios.length)} blocks, in the order measured; line: the reported ratio, band: its 95 % interval, dashed: no difference</figcaption>${blockChart(ratios, result.comparison.speedup, result.comparison.speedupInterval95)}</figure>`
}</section>`;
}

type Conditions = NonNullable<NonNullable<ReportExtras['comparison']>['conditions']>;

function conditionsText({ governor, clockMHz, temperatureC, throttled, load1 }: Conditions): string {
  const clocks = clockMHz && clockMHz.length > 0 ? clockMHz : null;
  const known = [
    governor === null ? null : `governor ${governor}`,
    clocks && `${rangeText(Math.min(...clocks), Math.max(...clocks))} MHz`,
    temperatureC === null ? null : `${fixed(temperatureC, 1)} °C`,
    throttled === null ? 'throttling not readable' : throttled ? 'throttled' : 'not throttled',
    `load ${fixed(load1, 2)}`,
  ];
  return known.filter((text) => text !== null).join(', ');
}

const rangeText = (low: number, high: number): string =>
  low === high ? countText(low) : `${countText(low)} to ${countText(high)}`;

const strategyTexts = {
  evolution: 'by evolution',
  random: 'at random from the same space, for comparison with evolution',
} as const;

/** The funnel of the search. */
export function searchSection({ search }: RunResult): Html {
  const steps = [
    ['Proposed', search.proposed, 'seeds, mutations and crossovers'],
    ['Well-formed', search.checked, 'right shapes and types'],
    ['Duplicates', search.duplicates, 'same function as an earlier one, dropped'],
    ['Timed', search.timed, 'on the board'],
    ['Fitted', search.fitted, 'parameters in closed form'],
    ['Spliced', search.spliced, 'into the model, outputs compared'],
    ['Fine-tuned', search.tuned, 'with gradients'],
  ] as const;
  const most = Math.max(search.proposed, 1);
  const strategy =
    search.strategy === undefined
      ? null
      : html`<p>Candidates proposed: ${strategyTexts[search.strategy]}.</p>`;
  return html`<section><h2>What the search did</h2>${strategy}
<table class="steps"><thead><tr><th scope="col">Candidates</th><th scope="col">Number</th><td class="track"></td></tr></thead><tbody>${steps.map(
    ([name, value, note]) =>
      html`<tr><th scope="row">${name} <span class="muted small">${note}</span></th><td>${figure(value, countText(value))}</td><td class="track">${bar(value / most, name === 'Duplicates')}</td></tr>`,
  )}</tbody></table><p class="muted small">The search took ${figure(search.seconds, durationText(search.seconds))}.</p>${search.effort ? effortText(search.effort) : null}</section>`;
}

/** What the measurements took, what was spared, and how well that was foretold. */
function effortText({ predictor, ...effort }: SearchEffort): Html {
  const number = (value: number): Html => figure(value, countText(value));
  const percent = (error: number): Html => figure(error, percentText(logErrorPercent(error)));
  const foretold = predictor
    ? html`What foretold them was off by ${percent(predictor.medianError)} on groups held out (90th percentile ${percent(predictor.p90Error)}), from ${number(predictor.structures)} measured structures.`
    : html`There were too few measurements to predict others from.`;
  return html`<p class="muted small">Structures timed on the board: ${number(effort.structuresTimed)}. Spared because they were measured before and no gain: ${number(effort.sparedByMemory)}; because they were predicted to be none: ${number(effort.sparedByPrediction)}. Timed all the same as a check: ${number(effort.checksOfSpared)}, of them a gain after all: ${number(effort.wronglySpared)}. ${foretold} Nothing reported here rests on a prediction.</p>
<p class="muted small">Inferences for timing candidates: ${number(effort.timingInferences)}, at a fixed count ${number(effort.timingInferencesFixed)}; for ranking operators: ${number(effort.rankingInferences)}, at a fixed count ${number(effort.rankingInferencesFixed)}.</p>`;
}

/** The stages of the run with their times. */
export function stagesSection({ stages }: RunResult): Html {
  if (stages.length === 0) return html``;
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  return html`<section><h2>Time of the run</h2><table class="steps"><thead><tr><th scope="col">Stage</th><th scope="col">Time</th><td class="track"></td></tr></thead><tbody>${stages.map(
    ({ name, seconds }) =>
      html`<tr><th scope="row">${name}</th><td>${figure(seconds, durationText(seconds))}</td><td class="track">${bar(seconds / (total || 1), false)}</td></tr>`,
  )}</tbody></table><p class="muted small">${durationText(total)} in all, over all resumes.</p></section>`;
}

const bar = (part: number, faded: boolean): Html =>
  html`<span style="width:${(Math.min(1, part) * 100).toFixed(2)}%${faded ? ';opacity:0.4' : ''}"></span>`;

/** What the figures do not say. */
export const limitsSection = (result: RunResult, extras: ReportExtras): Html =>
  html`<section><h2>Limits</h2><ul>${limitsOf(result, extras).map((limit) => html`<li>${limit}</li>`)}</ul></section>`;

/** Every operator of A, and of B where they are known. */
export function operatorTables(result: RunResult, extras: ReportExtras): Html {
  const table = (title: string, operators: RunResult['operators']): Html =>
    operators.length === 0
      ? html``
      : html`<section><h2>${title}</h2><table class="operators"><thead><tr><th scope="col">Operator</th><th scope="col" class="text">Type</th><th scope="col">Time</th><th scope="col">Share</th><th scope="col">Parameters</th></tr></thead><tbody>${operators.map(
          ({ name, type, share, latencyUs, parameters }) =>
            html`<tr><td>${name}</td><td class="text">${type}</td><td>${figure(latencyUs, timeText(latencyUs))}</td><td>${figure(share, shareText(share))}</td><td>${figure(parameters, countText(parameters))}</td></tr>`,
        )}</tbody></table></section>`;
  return html`${table('All operators of A', result.operators)}${table('All operators of B', extras.optimizedOperators ?? [])}`;
}
