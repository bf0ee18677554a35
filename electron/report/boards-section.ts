import type { BoardOfRun, RunResult } from '../contract/run-result.ts';
import { nameOfBoard } from './board-names.ts';
import { intervalStrip } from './charts.ts';
import { type Html, html } from './html.ts';
import { bytesText, countText, figure, fixed, ratioText, timeText } from './numbers.ts';

const words = { faster: 'Faster', slower: 'Slower', inconclusive: 'Inconclusive' } as const;

/** What was measured on each board of a run with several; nothing for a run with one. */
export function boardsSection(result: RunResult): Html {
  const { boards } = result;
  if (!boards) return html``;
  const rows = boards.map((one) => boardRow(result, one));
  return html`<section><h2>Each board by itself</h2>
<table><thead><tr><th scope="col">Board</th><th scope="col"><span class="key a"></span>A, median</th><th scope="col"><span class="key b"></span>B, median</th><th scope="col">Speed against A</th><th scope="col" class="text">Verdict</th></tr></thead><tbody>${rows}</tbody></table>
<p class="muted small">The same models were timed on all boards at once, each against A on the same board. One B was chosen for all: the one that gains most where it gains least. The figures above are those of ${result.board.name}.</p></section>`;
}

function boardRow(result: RunResult, one: BoardOfRun): Html {
  const { board, address, leftOut, comparison } = one;
  const name = html`<th scope="row">${nameOfBoard(result, one)}<span class="range">${
    board
      ? html`${board.cpu}, ${board.arch}, ${board.os}, onnxruntime ${board.runtimeVersion}, ${figure(board.threads, countText(board.threads))} ${board.threads === 1 ? 'thread' : 'threads'}; ${address} · ${board.id}`
      : 'could not be connected'
  }</span>${memory(one)}</th>`;
  const why =
    leftOut === null ? null : html`<span class="range">Left out: ${leftOut}. B is not proven there.</span>`;
  if (!comparison)
    return html`<tr>${name}<td>–</td><td>–</td><td>–</td><td class="text">Not compared${why}</td></tr>`;
  const { originalUs: a, optimizedUs: b, speedup, speedupInterval95, verdict } = comparison;
  const [low, high] = speedupInterval95;
  const times = (of: typeof a): Html => {
    const text = (us: number) => figure(us, timeText(us, a.p50));
    return html`<td>${text(of.p50)}<span class="range">90th ${text(of.p90)} · 99th ${text(of.p99)}</span></td>`;
  };
  return html`<tr>${name}${times(a)}${times(b)}<td>${figure(speedup, ratioText(speedup))} ×<span class="range">${figure(low, ratioText(low))} to ${figure(high, ratioText(high))}</span>${intervalStrip(speedup, [low, high], 1)}</td><td class="text">${words[verdict]}${why}<span class="range">${evidence(comparison)}</span></td></tr>`;
}

function memory({ originalPeakMemoryBytes: a, optimizedPeakMemoryBytes: b }: BoardOfRun): Html | null {
  const text = (bytes: number | null) => (bytes === null ? 'not told' : figure(bytes, bytesText(bytes)));
  return a === null && b === null
    ? null
    : html`<span class="range">Peak memory ${text(a)} → ${text(b)}</span>`;
}

function evidence(comparison: NonNullable<BoardOfRun['comparison']>): Html {
  const { noiseFloor, pairs, droppedBlocks, governor, temperatureC, throttled, load1 } = comparison;
  return html`${figure(pairs, countText(pairs))} pairs, ${figure(droppedBlocks, countText(droppedBlocks))} dropped, noise ±${figure(noiseFloor, fixed(noiseFloor * 100, 1))} %${governor === null ? null : html`, governor ${governor}`}${temperatureC === null ? null : html`, ${figure(temperatureC, fixed(temperatureC, 1))} °C`}${throttled === true ? ', throttled' : null}, load ${figure(load1, fixed(load1, 2))}`;
}
