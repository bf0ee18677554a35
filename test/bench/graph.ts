/** How long the graph of 2,000 operators takes to lay out, and how smoothly it is panned. */
import type { Page } from 'playwright-core';
import { appInfo, longNetwork, profileOf } from '../window/fixtures/models.ts';
import { localBoard, sampleModel } from '../window/fixtures/run-summaries.ts';
import { type Answers, startWindowHarness } from '../window/window-harness.ts';

const panMs = 3_000;
const limits = { layoutMs: 3_000, framesPerSecond: 50, longTaskMs: 100 };

interface Smoothness {
  readonly framesPerSecond: number;
  readonly slowestFrameMs: number;
  readonly longestTaskMs: number;
}

/** Prints a row for the layout and one for panning near, in the middle and from afar. */
export async function graph([operators = '2000']: readonly string[]): Promise<void> {
  const model = longNetwork(Number(operators));
  const profile = profileOf(model);
  const answers: Answers = {
    'app.info': appInfo,
    'settings.get': {
      language: 'en',
      theme: 'light',
      maxAccuracyDrop: 1,
      budgetSeconds: 600,
      threads: 1,
      groupSize: 4,
      seed: 1,
    },
    'jobs.list': [],
    'boards.list': [localBoard],
    'models.list': [sampleModel],
    'models.open': model,
    'models.profile': profile,
    'data.list': [],
  };
  const harness = await startWindowHarness();
  try {
    const { page } = await harness.open('/models', { answers });
    await page.getByRole('link', { name: 'Open the sample' }).waitFor();
    await watchLongTasks(page);
    await page.getByRole('link', { name: 'Open the sample' }).click();
    await page.locator('.ft-box').first().waitFor({ timeout: 30_000 });
    const layout = await page.evaluate(() => {
      const measured = performance.getEntriesByName('graph-layout')[0] as PerformanceMeasure;
      return { ms: measured.duration, by: String(measured.detail) };
    });
    const boxes = await page.locator('.ft-box').count();
    const longestTaskMs = await takeLongestTask(page);
    console.log(
      `${model.operators.length} operators | laid out by ${layout.by} in ${layout.ms.toFixed(0)} ms (limit ${limits.layoutMs}) | longest task ${longestTaskMs.toFixed(0)} ms (limit ${limits.longTaskMs}) | ${boxes} boxes on the page`,
    );
    for (const level of ['near', 'middle', 'far'] as const) {
      await zoomTo(page, level);
      const { framesPerSecond, slowestFrameMs, longestTaskMs: task } = await pan(page);
      console.log(
        `panned ${level} | ${framesPerSecond.toFixed(1)} frames a second (limit ${limits.framesPerSecond}) | slowest frame ${slowestFrameMs.toFixed(0)} ms | longest task ${task.toFixed(0)} ms`,
      );
    }
  } finally {
    await harness.close();
  }
}

async function zoomTo(page: Page, level: 'near' | 'middle' | 'far'): Promise<void> {
  const area = page.locator('.ft-graph');
  await area.locator('.react-flow').focus();
  for (let i = 0; i < 20 && (await area.getAttribute('data-level')) !== level; i++)
    await page.keyboard.press('-');
}

async function watchLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched = window as unknown as { ftLongest: number };
    watched.ftLongest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) watched.ftLongest = Math.max(watched.ftLongest, duration);
    }).observe({ type: 'longtask' });
  });
}

/** The longest task since it was asked last, milliseconds; 0: none above 50 ms. */
const takeLongestTask = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const watched = window as unknown as { ftLongest: number };
    const longest = watched.ftLongest;
    watched.ftLongest = 0;
    return longest;
  });

/** Drags the graph up with one move of the pointer a frame, turning round at the ends. */
async function pan(page: Page): Promise<Smoothness> {
  await takeLongestTask(page);
  const frames = await page.evaluate(async (wholeMs) => {
    const pane = document.querySelector('.react-flow__pane')!;
    const { left, top, width, height } = pane.getBoundingClientRect();
    const x = left + width / 2;
    const at = (type: string, y: number): MouseEvent =>
      new MouseEvent(type, {
        bubbles: true,
        cancelable: true,
        view: window,
        button: 0,
        buttons: 1,
        clientX: x,
        clientY: y,
      });
    const times: number[] = [];
    let y = top + height * 0.5;
    pane.dispatchEvent(at('mousedown', y));
    await new Promise<void>((resolve) => {
      const begin = performance.now();
      const step = (now: number): void => {
        times.push(now);
        // As a hand throws it: 12 pixels a frame, back every second and a half.
        y += Math.floor((now - begin) / 1_500) % 2 === 0 ? -12 : 12;
        window.dispatchEvent(at('mousemove', y));
        if (now - begin < wholeMs) requestAnimationFrame(step);
        else resolve();
      };
      requestAnimationFrame(step);
    });
    window.dispatchEvent(at('mouseup', y));
    return times.slice(1).map((time, i) => time - times[i]!);
  }, panMs);
  const whole = frames.reduce((sum, ms) => sum + ms, 0);
  return {
    framesPerSecond: (1_000 * frames.length) / whole,
    slowestFrameMs: Math.max(...frames),
    longestTaskMs: await takeLongestTask(page),
  };
}
