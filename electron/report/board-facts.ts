import type { EnergyComparison, ModelEnergy } from '../contract/energy.ts';
import type { RunResult } from '../contract/run-result.ts';
import { concernText } from './concerns.ts';
import type { ReportExtras } from './extras.ts';
import { type Html, html } from './html.ts';
import { countText, figure, fixed, ratioText, relativeText, significant } from './numbers.ts';

/** A line under "How it was measured"; null where nothing is known. */
export type Fact = readonly [string, Html | string] | null;

const covered: Readonly<Record<EnergyComparison['covers'], string>> = {
  board: 'the whole board',
  rail: 'one rail of the board',
  battery: 'its battery',
  cpu: 'its CPU alone',
};

/** What of the board the figures rest on: provider, cores, state before the run, and energy or that it was not measured. */
export function boardFacts(
  { board, conditions, comparison }: RunResult,
  extras: ReportExtras,
): readonly Fact[] {
  const { inventory } = extras;
  return [
    inventory
      ? [
          'Userland',
          [
            inventory.userlandArch,
            inventory.libc.name === 'unknown'
              ? null
              : `${inventory.libc.name} ${inventory.libc.version ?? ''}`,
            inventory.cpuFeatures.length > 0 ? `CPU with ${inventory.cpuFeatures.join(', ')}` : null,
          ]
            .filter((text) => text !== null)
            .join(', '),
        ]
      : null,
    board.provider === undefined ? null : ['Execution provider', board.provider],
    conditions ? ['Board before the run', stateText(conditions)] : null,
    conditions && conditions.concerns.length > 0 ? ['Warned of', concernsText(conditions, extras)] : null,
    comparison.energy === undefined
      ? null
      : ['Energy', comparison.energy === null ? 'not measured' : energyText(comparison.energy)],
  ];
}

/** The line of energy in the table of A and B; nothing where it was not measured. */
export function energyLine({ comparison: { energy } }: RunResult): Html | null {
  if (!energy) return null;
  const row = (name: string, note: string, of: (model: ModelEnergy) => ModelEnergy['total']) => {
    const [a, b] = [of(energy.a), of(energy.b)];
    return html`<tr><th scope="row">${name}<span class="range">${note}</span></th><td>${amount(a)}</td><td>${amount(b)}</td><td>${relativeText(a.millijoules, b.millijoules)}</td></tr>`;
  };
  return html`${row('Energy per inference', '95 % interval', (model) => model.total)}
${row('Energy above idle', '95 % interval', (model) => model.aboveIdle)}`;
}

const amount = ({ millijoules, interval95: [low, high] }: ModelEnergy['total']): Html =>
  html`${figure(millijoules, `${significant(millijoules)} mJ`)}<span class="range">${figure(low, significant(low))} to ${figure(high, significant(high))}</span>`;

function energyText({
  sensor,
  covers,
  idleWatts,
  rounds,
  a,
  b,
  ratio,
  ratioInterval95,
}: EnergyComparison): Html {
  const [low, high] = ratioInterval95;
  return html`A takes ${figure(ratio, ratioText(ratio))} times (${figure(low, ratioText(low))} to ${figure(high, ratioText(high))}) what B takes in total. Measured by ${sensor} (${covered[covers]}) over ${figure(rounds, countText(rounds))} rounds of A, B, B, A with ${figure(a.calls, countText(a.calls))} and ${figure(b.calls, countText(b.calls))} inferences; the idle board takes ${figure(idleWatts, fixed(idleWatts, 2))} W.`;
}

type Conditions = NonNullable<RunResult['conditions']>;

function stateText({ governor, clockMHz, temperatureC, throttled, load1 }: Conditions): Html {
  const clocks = [...new Set(clockMHz ?? [])].sort((one, other) => one - other);
  const parts: (Html | string | null)[] = [
    governor === null ? 'governor not readable' : `governor ${governor}`,
    clocks.length === 0
      ? null
      : html`${clocks.map((clock, i) => html`${i > 0 ? ' / ' : ''}${figure(clock, countText(clock))}`)} MHz`,
    temperatureC === null
      ? 'temperature not readable'
      : html`${figure(temperatureC, fixed(temperatureC, 1))} °C`,
    throttled === null ? 'throttling not readable' : throttled ? 'throttled' : 'not throttled',
    html`load ${figure(load1, fixed(load1, 2))}`,
  ];
  const known = parts.filter((part) => part !== null);
  return html`${known.map((part, i) => html`${i > 0 ? ', ' : ''}${part}`)}`;
}

/** In full where the report is made with the run; `result.json` keeps kinds and values. */
function concernsText({ concerns }: Conditions, { state }: ReportExtras): string {
  return concerns
    .map(({ kind, value }) => {
      const whole = state?.concerns.find((concern) => concern.kind === kind);
      return concernText(whole ?? { kind, value, command: null });
    })
    .join('; ');
}
