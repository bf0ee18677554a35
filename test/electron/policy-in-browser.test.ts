import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { filePolicy, pagePolicy } from '../../electron/pages/content-policy.ts';

const browserFile = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

/** Shows one page under a policy and tells which of its scripts ran. */
async function scriptsThatRan(policy: string, body: string): Promise<string[]> {
  const browser = await chromium.launch({ executablePath: browserFile ?? '', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.route('**/*', (route) => {
      const { pathname } = new URL(route.request().url());
      return pathname === '/own.js'
        ? route.fulfill({ contentType: 'text/javascript', body: "document.title += ' own'" })
        : route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': policy }, body });
    });
    await page.goto('https://fieldtune.test/');
    // An error handler runs when it wants.
    return (await page.title()).split(' ').slice(1).sort();
  } finally {
    await browser.close();
  }
}

const scripts = `<title>ran:</title>
  <script>document.title += ' inline'</script>
  <img src="data:," onerror="document.title += ' handler'">
  <script src="/own.js"></script>
  <script src="https://example.com/own.js"></script>
  <script src="data:text/javascript,document.title+=' data'"></script>`;

test.skipIf(!browserFile)(
  'fault 48: a real browser runs our script and no inline one (needs chromium)',
  async () => {
    expect(await scriptsThatRan('', scripts)).toEqual(['data', 'handler', 'inline', 'own', 'own']);
    expect(await scriptsThatRan(pagePolicy({ connect: [], ancestors: 'none' }), scripts)).toEqual(['own']);
  },
);

test.skipIf(!browserFile)(
  'fault 49: no script runs in a report, whatever name got into it (needs chromium)',
  async () => {
    expect(await scriptsThatRan(filePolicy, scripts)).toEqual([]);
  },
);
