import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { BoardSearch, FoundBoard, FoundWay } from '../../electron/contract/found-boards.ts';
import { problemWords } from '../../renderer/language/discovery.ts';
import { languages } from '../../renderer/language/language.ts';
import { addressWith, rowsOfFound, wayTo } from '../../renderer/places/boards/found-rows.ts';
import { everyError } from '../cli/every-error.ts';
import { everyProblem } from '../cli/every-problem.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import {
  boardAnswers as answers,
  calmState,
  connectedJob,
  connectJob,
  failedJob,
  newBoard,
} from './fixtures/connect-jobs.ts';
import { computer, piBoard } from './fixtures/optimize-job.ts';

const now = '2026-11-27T08:00:00.000Z';

const network: FoundWay = {
  source: 'mdns',
  link: 'ssh',
  address: null,
  host: 'line-4.local',
  port: 22,
  user: 'pi',
  detail: 'line-4.local, 10.0.0.8',
  problem: null,
};
const port: FoundWay = {
  source: 'serial',
  link: 'serial',
  address: 'serial:/dev/serial/by-id/usb-FTDI-if00',
  host: null,
  port: null,
  user: null,
  detail: '/dev/ttyUSB0, usb-FTDI-if00',
  problem: everyProblem.serialDenied,
};
const line4: FoundBoard = { key: 'host:line-4.local', name: 'line-4', board: null, ways: [network] };
const adapter: FoundBoard = { key: 'usb:1', name: 'FTDI FT232R', board: null, ways: [port] };
const moved: FoundBoard = {
  key: 'board:c',
  name: 'line-3-pi',
  board: piBoard.identity!.id,
  ways: [
    {
      ...network,
      source: 'usbNetwork',
      host: '192.168.7.2',
      address: 'ssh://pi@192.168.7.2:22',
      detail: 'usb0',
    },
  ],
};
const search = (found: readonly FoundBoard[], part: Partial<BoardSearch> = {}): BoardSearch => ({
  state: 'done',
  found,
  problems: [],
  finishedAt: new Date().toISOString(),
  ...part,
});

describeWindow('Boards that are found', (harness) => {
  const rowOf = (page: Page, name: string) => page.getByRole('article', { name, exact: true });
  const connects = (calls: readonly { readonly name: string; readonly args: unknown }[]) =>
    calls
      .filter(({ name }) => name === 'boards.connect' || name === 'boards.remember')
      .map(({ args }) => args);

  test('are looked for when the place is opened and when told so, and come in as they are found', async () => {
    let current = search([], { state: 'never', finishedAt: null });
    const { page, calls, tell } = await harness.open('/boards', {
      answers: {
        ...answers,
        'boards.found': () => current,
        'boards.discover': () => {
          current = { ...current, state: 'looking' };
          return current;
        },
      },
    });
    const looks = () => calls.filter(({ name }) => name === 'boards.discover').length;
    await expect.poll(looks).toBe(1);
    const changed = { kind: 'changed', what: 'found' } as const;
    await tell(changed);
    await page.getByRole('status').getByText('Looking on the network').waitFor();
    current = search([line4], { state: 'looking' });
    await tell(changed);
    await rowOf(page, 'line-4').getByText('line-4.local, 10.0.0.8').waitFor();
    // Nobody looks twice at a time; the button keeps the focus.
    await page.getByRole('button', { name: 'Look again' }).focus();
    await page.keyboard.press('Enter');
    expect(looks()).toBe(1);
    current = search([line4, adapter]);
    await tell(changed);
    await page.getByText('2 found').waitFor();
    await page.getByRole('button', { name: 'Look again' }).click();
    await expect.poll(looks).toBe(2);
  });

  test('are not looked for anew where that was done a moment ago', async () => {
    const { page, calls } = await harness.open('/boards', { answers });
    await page.getByText('No board was found.').waitFor();
    expect(calls.some(({ name }) => name === 'boards.discover')).toBe(false);
  });

  test('connect by one click as the user who is suggested, or as another', async () => {
    const open = () =>
      harness.open('/boards', {
        answers: {
          ...answers,
          'boards.found': search([line4]),
          'boards.remember': [computer, piBoard],
          'boards.connect': connectJob('ssh://pi@line-4.local'),
        },
      });
    const { page, calls } = await open();
    await page.getByRole('button', { name: 'Connect line-4 by Network' }).click();
    await expect
      .poll(() => connects(calls))
      .toEqual([
        { address: 'ssh://pi@line-4.local', name: '' },
        { board: { address: 'ssh://pi@line-4.local' } },
      ]);
    const second = await open();
    await second.page.getByLabel('User on line-4').fill('root');
    await second.page.keyboard.press('Enter');
    await expect
      .poll(() => connects(second.calls)[0])
      .toEqual({ address: 'ssh://root@line-4.local', name: '' });
  });

  test('show what is in the way with what mends it, ready to be copied', async () => {
    const { page } = await harness.open('/boards', {
      answers: {
        ...answers,
        'boards.found': search([adapter], { problems: [everyProblem.multicastFailed] }),
      },
    });
    await rowOf(page, 'FTDI FT232R').getByText('You may not open /dev/ttyUSB0').waitFor();
    await page.getByRole('button', { name: 'Copy: sudo usermod -aG dialout mika' }).waitFor();
    await page.getByText('Boards could not be asked for by mDNS').waitFor();
  });

  test('a known board that is found elsewhere is its own row with the new way, and no other may be there', async () => {
    const { page, calls } = await harness.open('/boards', {
      answers: {
        ...answers,
        'boards.found': search([moved]),
        'boards.connect': connectJob('ssh://pi@192.168.7.2:22'),
      },
    });
    const row = rowOf(page, 'line-3-pi');
    await row.getByText('USB network').waitFor();
    await row.getByText('pi@192.168.7.2').waitFor();
    expect(await row.count()).toBe(1);
    await row.getByRole('button', { name: 'Connect' }).click();
    await row.getByText('Connecting').waitFor();
    expect(connects(calls)).toEqual([
      { board: { address: 'ssh://pi@192.168.7.2:22', expectBoard: piBoard.identity!.id } },
    ]);
  });

  test('a board with several addresses is one row, in use under each, and its details name the others', async () => {
    const older = {
      address: 'ssh://pi@10.0.0.99:22',
      link: 'ssh',
      lastSeenAt: '2026-11-20T08:00:00.000Z',
    } as const;
    const { page } = await harness.open('/boards', {
      answers: { ...answers, 'boards.list': [computer, { ...piBoard, ways: [...piBoard.ways, older] }] },
      selection: { board: { address: older.address, name: 'line-3-pi' } },
    });
    const row = rowOf(page, 'line-3-pi');
    await row.getByText('In use').waitFor();
    await row.getByRole('button', { name: 'Details of line-3-pi' }).click();
    await row.getByText(/^ssh:\/\/pi@10\.0\.0\.99:22 \(/).waitFor();
  });

  test('the board in use is still the one in use when it is connected under another address', async () => {
    const at = 'ssh://pi@192.168.7.2:22';
    const seen = {
      ...piBoard,
      address: at,
      ways: [{ address: at, link: 'ssh', lastSeenAt: now }, ...piBoard.ways],
    } as const;
    const { page, tell } = await harness.open('/boards', {
      answers: { ...answers, 'jobs.list': [connectJob(at)], 'boards.list': [computer, seen] },
      selection: { board: { address: piBoard.address, name: 'line-3-pi' } },
    });
    await rowOf(page, 'line-3-pi').getByText('Connecting').waitFor();
    await tell({ kind: 'job', job: connectedJob(seen, calmState) });
    await rowOf(page, 'line-3-pi').getByText('Connected', { exact: true }).waitFor();
    const chosen = () =>
      page.evaluate(() => JSON.parse(localStorage.getItem('fieldtune.selection') ?? '{}').board);
    await expect.poll(chosen).toEqual({ address: at, name: 'line-3-pi' });
  });

  test('another board at a known address is named, and taken only when told so', async () => {
    const error = { ...everyError.boardIsAnother, address: piBoard.address, expectedName: 'line-3-pi' };
    const { page, calls } = await harness.open('/boards', {
      answers: {
        ...answers,
        'jobs.list': [failedJob(piBoard.address, error)],
        'boards.connect': connectJob(piBoard.address),
      },
    });
    const row = rowOf(page, 'line-3-pi');
    await row.getByText('Another board', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Which board is it? …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Another board is at pi@10.0.0.7' });
    await dialog.getByText('Last time line-3-pi was there, and now it is line-4.').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await expect.poll(() => dialog.count()).toBe(0);
    expect(connects(calls)).toEqual([]);
    await page.getByRole('button', { name: 'Which board is it? …' }).click();
    await dialog.getByRole('button', { name: 'Take line-4 at this address' }).click();
    await expect
      .poll(() => connects(calls))
      .toEqual([{ board: { address: piBoard.address, acceptBoard: error.foundId } }]);
  });

  test.each(['en', 'ja'] as const)('can be used by everybody, in %s', async (language) => {
    const { page } = await harness.open('/boards', {
      language,
      answers: {
        ...answers,
        'boards.found': search([line4, adapter, moved], { problems: [everyProblem.localNetworkDenied] }),
      },
    });
    await rowOf(page, 'FTDI FT232R').waitFor();
    await expectNoViolations(page);
  });
});

describe('What was found beside the rows that are there', () => {
  test('is one row by its id, by its address or by its host, whoever signs in', () => {
    const sshHost = (host: string): FoundBoard => ({ ...line4, ways: [{ ...network, host }] });
    const cards = [computer, piBoard, newBoard];
    const { known, fresh } = rowsOfFound(search([moved, sshHost('line-5.local')]), cards);
    expect([...known.keys()]).toEqual([piBoard.address]);
    expect(fresh).toHaveLength(1);
    expect(rowsOfFound(search([sshHost('10.0.0.7')]), cards).fresh).toEqual([]);
    const gate = { ...line4, ways: [{ ...network, host: 'gate-4.plant.example', port: 2222 }] };
    expect(rowsOfFound(search([gate]), cards).known.get(newBoard.address)).toEqual(gate);
    expect(rowsOfFound(undefined, cards).fresh).toEqual([]);
  });

  test('is connected where it was known before, and at the new way only where it is not found there', () => {
    expect(wayTo(piBoard, null)).toBe(piBoard.address);
    expect(wayTo(piBoard, moved)).toBe('ssh://pi@192.168.7.2:22');
    const both = { ...moved, ways: [...moved.ways, { ...network, host: '10.0.0.7' }] };
    expect(wayTo(piBoard, both)).toBe(piBoard.address);
    expect(wayTo(computer, moved)).toBe('local');
    expect(wayTo(piBoard, line4)).toBe(piBoard.address);
  });

  test('has an address with the user that was given, IPv6 in brackets and the port where it is another', () => {
    expect(addressWith(network, 'pi')).toBe('ssh://pi@line-4.local');
    expect(addressWith({ ...network, host: 'fd00::7', port: 2222 }, '')).toBe('ssh://[fd00::7]:2222');
    expect(addressWith(port, 'pi')).toBe(port.address);
  });
});

describe('The words for a problem', () => {
  const problems = [
    ...Object.values(everyProblem),
    { ...everyProblem.serialDenied, relogin: true },
    { ...everyProblem.serialDriverMissing, culprit: 'brltty' },
  ];

  test.each(languages)('let nothing of a program through in %s, and differ', (language) => {
    const texts = problems.map((problem) => problemWords(problem, language).text);
    for (const text of texts) expect(text).not.toMatch(/\p{Cc}|\[31m| at \S+ ?\(.*:\d+|undefined|\{\{/u);
    expect(new Set(texts).size).toBe(problems.length);
  });

  test('differ between the languages and have the same commands', () => {
    for (const problem of problems) {
      const [en, ja] = [problemWords(problem, 'en'), problemWords(problem, 'ja')];
      expect(en.text).not.toBe(ja.text);
      expect(en.commands).toEqual(ja.commands);
    }
  });
});
