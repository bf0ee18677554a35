import type { MeasuredModel, RunResult } from '../contract/run-result.ts';
import { energyLine } from './board-facts.ts';
import { provenBoards } from './board-names.ts';
import { intervalStrip } from './charts.ts';
import { type Html, html } from './html.ts';
import {
  bytesText,
  countText,
  dateText,
  figure,
  fixed,
  percentText,
  pointsText,
  ratioText,
  relativeText,
  timeText,
} from './numbers.ts';
import { isImproved, nameOfB, verdictDetail, verdictSentence, verdictWord } from './verdict.ts';

/** The head of the report: the verdict in one sentence, and what it rests on. */
export function verdictSection(result: RunResult): Html {
  const good = isImproved(result) && result.comparison.verdict === 'faster';
  return html`<header>
<div class="eyebrow"><span>Fieldtune report: ${result.model.name}</span><time datetime="${result.createdAt}">${dateText(result.createdAt)}</time></div>
<div class="word ${good ? 'good' : 'caution'}">${verdictWord(result)}</div>
<h1>${verdictSentence(result)}</h1>
<p class="lead">${verdictDetail(result)}</p>
${tiles(result)}
<p class="muted small">Measured by Fieldtune on ${boardCount(result)}; not independently verified. The dashed line stands for no change, the band for the 95 % interval. What these figures do not say is at the end, under Limits.</p>
</header>`;
}

function boardCount(result: RunResult): string {
  const proven = provenBoards(result).length;
  return proven > 1
    ? `${countText(proven)} boards, of which these figures are those of the one that gains least`
    : 'one board';
}

/** What the figure of accuracy is called in a tile and in the table; `cosine` is more than a cosine for a detector. */
const namesOfMetric: Readonly<Record<string, { readonly tile: string; readonly row: string }>> = {
  'top-1': { tile: 'Accuracy', row: 'Accuracy (top-1)' },
  agreement: { tile: 'Agreement', row: 'Accuracy (agreement)' },
  cosine: { tile: 'Likeness', row: 'Likeness of the outputs' },
};
const nameOfMetric = (metric: string) =>
  namesOfMetric[metric] ?? { tile: 'Accuracy', row: `Accuracy (${metric})` };

function tiles({ comparison, original, optimized }: RunResult): Html {
  const { speedup, speedupInterval95, accuracyChange, accuracyChangeInterval95 } = comparison;
  return html`<div class="tiles">
<div class="tile"><div class="name">Speed against A</div><div class="value">${figure(speedup, ratioText(speedup))}<span class="unit"> ×</span></div>
${intervalStrip(speedup, speedupInterval95, 1)}
<div class="note">${figure(speedupInterval95[0], ratioText(speedupInterval95[0]))} to ${figure(speedupInterval95[1], ratioText(speedupInterval95[1]))}</div></div>
<div class="tile"><div class="name">${nameOfMetric(optimized.accuracy.metric).tile}, change</div><div class="value">${figure(accuracyChange, pointsText(accuracyChange))}<span class="unit"> points</span></div>
${intervalStrip(accuracyChange, accuracyChangeInterval95, 0)}
<div class="note">${figure(accuracyChangeInterval95[0], pointsText(accuracyChangeInterval95[0]))} to ${figure(accuracyChangeInterval95[1], pointsText(accuracyChangeInterval95[1]))}</div></div>
<div class="tile"><div class="name">File size</div><div class="value">${relativeText(original.sizeBytes, optimized.sizeBytes)}</div>
<div class="note">${bytesText(original.sizeBytes)} → ${bytesText(optimized.sizeBytes)}</div></div>
${memoryTile(original.peakMemoryBytes, optimized.peakMemoryBytes)}
</div>`;
}

function memoryTile(before: number | null, after: number | null): Html {
  if (before === null || after === null)
    return html`<div class="tile"><div class="name">Peak memory</div><div class="value">–</div><div class="note">not readable on this board</div></div>`;
  return html`<div class="tile"><div class="name">Peak memory</div><div class="value">${relativeText(before, after)}</div>
<div class="note">${bytesText(before)} → ${bytesText(after)}</div></div>`;
}

/** A and B line by line. */
export function comparisonSection(result: RunResult): Html {
  const { original: a, optimized: b, comparison } = result;
  const times = (['p50', 'p90', 'p99'] as const).map((percentile) => {
    const like = Math.min(a.latencyUs[percentile], b.latencyUs[percentile]);
    const name = { p50: 'Latency, median', p90: 'Latency, 90th percentile', p99: 'Latency, 99th percentile' };
    return line(name[percentile], a.latencyUs[percentile], b.latencyUs[percentile], (us) =>
      timeText(us, like),
    );
  });
  const tuned = comparison.tunedOriginalAccuracy;
  const change = comparison.accuracyChange;
  return html`<section><h2>A and B side by side</h2>
<table><thead><tr><th scope="col">Measure</th><th scope="col"><span class="key a"></span>A, original</th><th scope="col"><span class="key b"></span>${nameOfB(result)}</th><th scope="col">Change</th></tr></thead><tbody>
${times}
${line('File size', a.sizeBytes, b.sizeBytes, (bytes) => bytesText(bytes, Math.max(a.sizeBytes, b.sizeBytes)))}
${line('Parameters', a.parameters, b.parameters, countText)}
${memoryLine(a, b)}
${energyLine(result)}
<tr><th scope="row">${nameOfMetric(a.accuracy.metric).row}<span class="range">95 % interval · samples</span></th><td>${accuracyCell(a)}</td><td>${accuracyCell(b)}</td><td>${pointsText(change)} points<span class="range">${pointsText(comparison.accuracyChangeInterval95[0])} to ${pointsText(comparison.accuracyChangeInterval95[1])}</span></td></tr>
${
  tuned === null
    ? null
    : html`<tr><th scope="row">Accuracy of A, tuned the same way</th><td>${figure(tuned, percentText(tuned))}</td><td></td><td class="muted">for comparison only</td></tr>`
}
</tbody></table>
<p class="muted small">Changes are against A as it was delivered. The percentiles of latency are taken from single inferences; the ratio of speed above comes from interleaved blocks of both models, which is why it may differ a little from the quotient of the medians.</p></section>`;
}

function line(name: string, a: number, b: number, text: (value: number) => string): Html {
  return html`<tr><th scope="row">${name}</th><td>${figure(a, text(a))}</td><td>${figure(b, text(b))}</td><td>${relativeText(a, b)}</td></tr>`;
}

function memoryLine(a: MeasuredModel, b: MeasuredModel): Html {
  const [before, after] = [a.peakMemoryBytes, b.peakMemoryBytes];
  const like = Math.max(before ?? 0, after ?? 0);
  const cell = (bytes: number | null) =>
    bytes === null ? 'not readable' : figure(bytes, bytesText(bytes, like));
  const change = before === null || after === null ? '–' : relativeText(before, after);
  return html`<tr><th scope="row">Peak memory</th><td>${cell(before)}</td><td>${cell(after)}</td><td>${change}</td></tr>`;
}

function accuracyCell({ accuracy }: MeasuredModel): Html {
  const [low, high] = accuracy.interval95;
  return html`${figure(accuracy.value, percentText(accuracy.value))}<span class="range">${figure(low, fixed(low, 2))} to ${figure(high, fixed(high, 2))} · ${figure(accuracy.samples, countText(accuracy.samples))}</span>`;
}
