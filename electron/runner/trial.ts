import { mkdirSync, realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type Description, readDescription } from '../engine/data/description.ts';
import { type CallHistogram, makeCallHistogram } from './call-histogram.ts';
import type { TrialCounts, TrialDisagreement, TrialMalformed, TrialReply, TrialRequest } from './protocol.ts';
import { type LoadedModel, loadModel, randomFeeds } from './runtime.ts';
import { messageOf, type WorkContext, warmUp } from './timing.ts';
import { answerOf, compareAnswers, type ModelAnswer } from './trial-answers.ts';
import { readInput } from './trial-files.ts';
import { openInputFeed } from './trial-folder.ts';
import { feedsOf, inputsOf, type TrialInput } from './trial-inputs.ts';
import { type DisagreementKeeper, openKeeper, writeAnswer } from './trial-keep.ts';

/** Where a trial keeps what it finds, and the models of the board. */
export interface TrialPlace {
  readonly folder: string;
  pathOf(sha256: string): string | null;
}

const tellEveryMs = 300;
/** Without news too: the app takes a long silence for a lost link. */
const aliveEveryMs = 10_000;
const warmupMs = 100;
const mostNamed = 100;

/**
 * Lets A answer the inputs of a folder, and B after it on the same ones, see `TrialRequest`. A file that is no input
 * is counted and named, and stops nothing. Throws only when the board's disk refuses.
 */
export async function runTrial(
  request: TrialRequest,
  place: TrialPlace,
  context: WorkContext,
): Promise<TrialReply> {
  const started = await begin(request);
  const keeper = openKeeper(place.folder, request.trial);
  const trial = makeTrial(request, keeper);
  const replyOf = (ended: TrialReply['ended'], more: Partial<TrialReply> = {}): TrialReply => ({
    ended,
    counts: trial.counts(),
    refused: '',
    failed: null,
    folder: keeper.folder,
    ...more,
  });
  if ('refused' in started) return replyOf('complete', { refused: started.refused });
  const { folder, outputs, description } = started;

  const models: LoadedModel[] = [];
  try {
    for (const [index, sha256] of [request.sha256A, request.sha256B].entries()) {
      try {
        const path = place.pathOf(sha256);
        if (path === null) throw new Error(`the board has no model ${sha256}`);
        const model = loadModel(path, request.settings);
        models.push(model);
        warmUp(model, randomFeeds(model, 1), warmupMs);
      } catch (error) {
        return replyOf('complete', { failed: { model: index === 0 ? 0 : 1, reason: messageOf(error) } });
      }
      await context.breathe();
    }
    const [a, b] = models as [LoadedModel, LoadedModel];

    let toldMs = 0;
    const tell = (everyMs: number): void => {
      if (performance.now() - toldMs < everyMs) return;
      toldMs = performance.now();
      context.tell(trial.counts().inputs, request.most, trial.takeNews());
    };
    const feed = openInputFeed(folder, request.watch);
    try {
      for (;;) {
        for (const file of feed.take()) {
          const bytes = readInput(folder, file.name);
          const inputs = bytes.ok ? inputsOf(file.name, bytes.value, a.inputs, description) : bytes;
          if (!inputs.ok) trial.refuse(file.name, inputs.error);
          for (const input of inputs.ok ? inputs.value : []) {
            trial.shadow(a, b, input, outputs);
            tell(tellEveryMs);
            await context.breathe();
            if (trial.isFull()) {
              tell(0);
              return replyOf('complete');
            }
            if (context.cancelled()) break;
          }
          tell(tellEveryMs);
          await context.breathe();
          if (context.cancelled()) break;
        }
        const isCancelled = context.cancelled();
        if (isCancelled || !request.watch) {
          tell(0);
          return replyOf(isCancelled ? 'cancelled' : 'complete');
        }
        tell(trial.hasNews() ? tellEveryMs : aliveEveryMs);
        await feed.wait();
      }
    } finally {
      feed.close();
    }
  } finally {
    for (const model of models) model.dispose();
  }
}

type Beginning =
  | { readonly refused: string }
  | { readonly folder: string; readonly outputs: string | null; readonly description: Description | null };

/** Looks at the folders; why not, when they cannot be worked with. */
async function begin({ inputs, outputs, modelName }: TrialRequest): Promise<Beginning> {
  for (const path of [inputs, outputs ?? '/'])
    if (!isAbsolute(path)) return { refused: `${path} is not an absolute path on the board` };
  try {
    const folder = realpathSync(inputs);
    // A folder of another's files is only read.
    openInputFeed(folder, false).take();
    if (outputs !== null) mkdirSync(outputs, { recursive: true });
    const real = outputs === null ? null : realpathSync(outputs);
    if (real === folder)
      return { refused: 'the answers would be taken for inputs: choose another folder for them' };
    const read = await readDescription(folder, modelName);
    if (read.ok) return { folder, outputs: real, description: read.value };
    if (read.error.kind === 'dataMissing') return { folder, outputs: real, description: null };
    return { refused: `dataset.json: ${'reason' in read.error ? read.error.reason : read.error.kind}` };
  } catch (error) {
    return { refused: messageOf(error) };
  }
}

/** The counts of a trial and what of it was not told yet; bounded, however long it goes on. */
function makeTrial({ most }: TrialRequest, keeper: DisagreementKeeper) {
  const histograms = { a: makeCallHistogram(), b: makeCallHistogram() };
  const sums = { inputs: 0, agreed: 0, malformed: 0, failedB: 0 };
  let smallestCosine: number | null = null;
  let largestDifference: number | null = null;
  let by: TrialCounts['by'] = null;
  let disagreements: TrialDisagreement[] = [];
  let malformed: TrialMalformed[] = [];

  const refuse = (file: string, reason: string): void => {
    sums.malformed += 1;
    if (sums.malformed <= mostNamed) malformed.push({ file, reason });
  };
  const counts = (): TrialCounts => ({
    ...sums,
    a: histograms.a.figures(),
    b: histograms.b.figures(),
    smallestCosine,
    largestDifference,
    by,
  });
  return {
    counts,
    refuse,
    isFull: () => most > 0 && sums.inputs >= most,
    hasNews: () => disagreements.length + malformed.length > 0,
    takeNews() {
      const news = { counts: counts(), disagreements, malformed };
      disagreements = [];
      malformed = [];
      return news;
    },
    /** One input through both: A's answer is the one that counts. */
    shadow(a: LoadedModel, b: LoadedModel, input: TrialInput, outputs: string | null): void {
      let served: ModelAnswer;
      try {
        served = timed(a, input, histograms.a);
      } catch (error) {
        refuse(input.name, `A does not run on it: ${messageOf(error)}`);
        return;
      }
      try {
        if (outputs !== null) writeAnswer(outputs, input.name, served);
      } catch (error) {
        if (isDiskFull(error)) throw error;
        // Such as a name that is too long with what is put behind it.
        refuse(input.name, `the answer cannot be written: ${messageOf(error)}`);
        return;
      }
      sums.inputs += 1;
      const keep = (found: Omit<TrialDisagreement, 'outputA' | 'outputB'>, shadow: ModelAnswer | null) => {
        const kept = keeper.keep(found, served, shadow);
        if (kept) disagreements.push(kept);
      };
      let shadow: ModelAnswer;
      try {
        shadow = timed(b, input, histograms.b);
      } catch (error) {
        sums.failedB += 1;
        const none = { top1A: null, top1B: null, cosine: 0, largestDifference: null };
        keep({ input: input.name, ...none, reason: messageOf(error) }, null);
        return;
      }
      const { agreed, by: kind, ...compared } = compareAnswers(served, shadow);
      by = kind;
      smallestCosine = Math.min(smallestCosine ?? 1, compared.cosine);
      largestDifference = Math.max(largestDifference ?? 0, compared.largestDifference);
      if (agreed) sums.agreed += 1;
      else keep({ input: input.name, ...compared, reason: null }, shadow);
    },
  };
}

function isDiskFull(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function timed(model: LoadedModel, input: TrialInput, histogram: CallHistogram): ModelAnswer {
  const feeds = feedsOf(model, input);
  const startMs = performance.now();
  const outputs = model.call(feeds);
  histogram.add((performance.now() - startMs) * 1000);
  return answerOf(model, outputs);
}
