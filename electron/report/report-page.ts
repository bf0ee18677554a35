import type { RunResult } from '../contract/run-result.ts';
import { boardsSection } from './boards-section.ts';
import {
  limitsSection,
  methodSection,
  operatorsSection,
  operatorTables,
  replacementsSection,
  searchSection,
  stagesSection,
} from './evidence-sections.ts';
import type { ReportExtras } from './extras.ts';
import { Html, html } from './html.ts';
import { figure } from './numbers.ts';
import { comparisonSection, verdictSection } from './result-sections.ts';
import { reportStyle } from './style.ts';

/**
 * The report as one HTML page that needs nothing but itself: no script, no file beside it, no network. Every
 * number of result.json stands in it, in a `data` element with its exact value.
 */
export function reportPage(result: RunResult, extras: ReportExtras = {}): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${result.model.name} on ${result.board.name}: Fieldtune report</title>
<style>${new Html(reportStyle)}</style>
</head>
<body><main>
${verdictSection(result)}
${comparisonSection(result)}
${boardsSection(result)}
${operatorsSection(result, extras)}
${replacementsSection(result)}
${methodSection(result, extras)}
${searchSection(result)}
${stagesSection(result)}
${limitsSection(result, extras)}
${operatorTables(result, extras)}
<footer>Made by Fieldtune from result.json, format ${figure(result.schema, String(result.schema))}. All figures in machine-readable form: result.json and measurements.csv beside this file.</footer>
</main></body>
</html>
`.markup;
}
