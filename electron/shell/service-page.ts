import { escapeHtml, html } from '../report/html.ts';
import { restartAddress } from './addresses.ts';
import type { Language, Words } from './words.ts';

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; }
  h1 { font-size: 1.4rem; }
  pre { overflow: auto; max-height: 30vh; padding: .75rem; border: 1px solid GrayText; white-space: pre-wrap; }
  a { display: inline-block; padding: .5rem 1.25rem; border: 1px solid currentColor; border-radius: .25rem;
      color: inherit; text-decoration: none; font-weight: 600; }
  a:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`;

/** The page that stands in for the app when its service has ended; it needs no script. */
export function renderServicePage(language: Language, words: Words, reason: string): string {
  const body = html`<main>
    <h1 role="alert">${words.serviceEnded}</h1>
    <p>${words.serviceEndedDetail}</p>
    <p><a href="${restartAddress}">${words.startAgain}</a></p>
    <details><summary>${words.lastWords}</summary><pre>${reason}</pre></details>
  </main>`;
  return `<!doctype html>
<html lang="${language}">
  <head><meta charset="utf-8"><title>${escapeHtml(words.serviceEnded)}</title><style>${style}</style></head>
  <body>${body.markup}</body>
</html>
`;
}
