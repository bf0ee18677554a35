import { z } from 'zod';
import { graphLevels, searchStrategies } from './api.ts';
import { concernKinds } from './concerns.ts';
import { energyComparisonSchema } from './energy.ts';

const text = (description: string) => z.string().describe(description);
const sha256 = (of: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe(`sha256 of ${of}, lower-case hexadecimal.`);
const count = (description: string) => z.int().nonnegative().describe(description);
const amount = (description: string) => z.number().nonnegative().describe(description);
const interval = (of: string) =>
  z.tuple([z.number(), z.number()]).describe(`95 % interval of ${of}, [low, high].`);

const latency = z
  .strictObject({
    p50: amount('Median, microseconds.'),
    p90: amount('90th percentile, microseconds.'),
    p99: amount('99th percentile, microseconds.'),
  })
  .describe('Time of one inference on the board, end to end, without profiling; microseconds.');

const accuracy = z
  .strictObject({
    metric: text(
      'What is counted: top-1 with labels, agreement with the original without; where they are plain values, how like the original’s they are: cosine of the worst output and, of a detector, the boxes that both find, a box in twenty as one percent.',
    ),
    value: z
      .number()
      .min(0)
      .max(100)
      .describe('Percent of the samples; for cosine, 100 times the mean over the samples.'),
    samples: count('Number of samples of the verify part.'),
    interval95: interval('the value, percent'),
  })
  .describe('Measured on the verify part of the data, which neither fitting nor choosing has seen.');

const measuredModel = (which: string) =>
  z
    .strictObject({
      sha256: sha256(`${which}'s file`),
      parameters: count('Number of parameters (elements of all initializers).'),
      sizeBytes: count('Size of the file, bytes.'),
      latencyUs: latency,
      peakMemoryBytes: z
        .int()
        .nonnegative()
        .nullable()
        .describe(
          'Highest resident set of a fresh process that loads and runs it, bytes; null where the board does not tell.',
        ),
      accuracy,
    })
    .describe(`${which}, as measured.`);

const operator = z.strictObject({
  name: text('Name of the node in the graph.'),
  type: text('ONNX operator type.'),
  share: z.number().describe('Part of the end-to-end latency, 0 to 1.'),
  latencyUs: amount('Time in one inference, microseconds.'),
  parameters: count('Number of parameters.'),
});

const replacement = z.strictObject({
  operators: z.array(z.string()).min(1).describe('Names of the operators of A that were replaced.'),
  from: text('The program that they compute, as text.'),
  to: text('The program in their place, as text.'),
  savedUs: z
    .number()
    .nullable()
    .describe(
      'Time saved in one inference, measured on the board for this replacement alone, microseconds; null where it was not measured alone.',
    ),
  damage: z
    .number()
    .nullable()
    .describe(
      'Kullback-Leibler divergence from the outputs of A with this replacement alone, nats; null where it was not measured alone.',
    ),
});

const effort = z
  .strictObject({
    rankingInferences: count('Inferences that ranking the operators of A took.'),
    rankingInferencesFixed: count('What the ranking takes where it does not stop as soon as it is certain.'),
    timingInferences: count('Inferences that timing candidates took, those that warm up included.'),
    timingInferencesFixed: count(
      'What the same candidates take where each is watched for the same number of blocks.',
    ),
    structuresTimed: count('Structures timed on the board; candidates of equal structure share one timing.'),
    sparedByPrediction: count('Structures not timed because they were predicted to be no gain.'),
    sparedByMemory: count(
      'Structures not timed because an earlier run measured on this board that they are no gain.',
    ),
    checksOfSpared: count('Structures timed although they would have been spared, as a check.'),
    wronglySpared: count('Of the checked, a gain after all.'),
    predictor: z
      .strictObject({
        structures: count('Measured pairs of structures that it learned from.'),
        medianError: amount('Median of |log of the predicted over the measured ratio| on groups held out.'),
        p90Error: amount('90th percentile of the same.'),
      })
      .nullable()
      .describe('What foretells ratios on this board; null without enough measurements to learn from.'),
  })
  .describe(
    'What the measurements of the search cost and what was spared. Nothing that is reported rests on a prediction.',
  );

const search = z
  .strictObject({
    proposed: count('Candidates proposed.'),
    checked: count('Of these, well-formed with the right shapes.'),
    duplicates: count('Of the checked, equal in function to an earlier one and dropped.'),
    timed: count('Timed on the board.'),
    fitted: count('Parameters fitted in closed form.'),
    spliced: count('Spliced into the model and compared with A.'),
    tuned: count('Fine-tuned with gradients.'),
    strategy: z
      .enum(searchStrategies)
      .exactOptional()
      .describe(
        'How candidates were proposed: by evolution, or at random from the same space for comparison. Missing in results from before it was kept.',
      ),
    effort: effort.exactOptional(),
    seconds: amount('Wall time of the search, over all resumes, seconds.'),
  })
  .describe('The funnel of the search, from many cheap steps to few costly ones.');

const boardSchema = z.strictObject({
  id: text('Stable id of the board.'),
  name: text('Its name for people.'),
  arch: text('Architecture, as the runtime names it.'),
  cpu: text('Processor.'),
  os: text('Operating system.'),
  runtimeVersion: text('Version of onnxruntime on the board.'),
  threads: z.int().positive().describe('Threads of a session.'),
  level: z
    .enum(graphLevels)
    .exactOptional()
    .describe(
      'How far the runtime was allowed to optimize a graph: all, or extended, which leaves the blocked layout out. Missing in results from before it was kept, which were measured at all.',
    ),
  provider: text(
    'Execution provider of the runtime that everything was measured with. Missing in results from before it was kept.',
  ).exactOptional(),
});

const comparisonOnBoard = z.strictObject({
  originalUs: latency,
  optimizedUs: latency,
  speedup: amount("A's time over B's on this board, from interleaved pairs: above 1, B is faster."),
  speedupInterval95: interval('the speedup'),
  verdict: z.enum(['faster', 'slower', 'inconclusive']).describe('What the interval supports.'),
  noiseFloor: amount('Half-width of the ratio of A against itself under the same conditions.'),
  pairs: count('Interleaved pairs behind the interval.'),
  droppedBlocks: count('Blocks left out because the board was throttled or its clock changed.'),
  governor: text('Governor of the clock.')
    .nullable()
    .describe('Governor of the clock; null where it cannot be read.'),
  temperatureC: z.number().nullable().describe('Temperature, °C; null where it cannot be read.'),
  throttled: z
    .boolean()
    .nullable()
    .describe('Whether the board was throttled; null where it cannot be read.'),
  load1: amount('Load average over a minute.'),
});

const boardOfRun = z.strictObject({
  address: text('Address at which the board was asked for.'),
  board: boardSchema.nullable().describe('The board; null where it could not be connected.'),
  leftOut: text('Why.')
    .nullable()
    .describe(
      'Why the run went on without it, so that B is not proven there; null: it was measured to the end.',
    ),
  originalPeakMemoryBytes: z
    .int()
    .nonnegative()
    .nullable()
    .describe('Peak memory of A there, bytes; null where it was not measured or the board does not tell.'),
  optimizedPeakMemoryBytes: z
    .int()
    .nonnegative()
    .nullable()
    .describe('Peak memory of B there, bytes; null where it was not measured or the board does not tell.'),
  comparison: comparisonOnBoard
    .nullable()
    .describe(
      'The last candidate that was compared with A there, which is B where the model was improved; null where none was.',
    ),
});

const conditions = z
  .strictObject({
    governor: z.string().nullable().describe('Clock governor; several where clusters differ.'),
    clockMHz: z.array(z.number()).nullable().describe('Clock of each core, MHz.'),
    temperatureC: z.number().nullable().describe('Temperature of the hottest sensor, degrees Celsius.'),
    throttled: z.boolean().nullable().describe('Whether the board was throttled at that moment.'),
    load1: z.number().describe('Load average of the last minute.'),
    concerns: z
      .array(
        z.strictObject({
          kind: z.enum(concernKinds).describe('What spoils a measurement.'),
          value: text('A figure with its unit, or a name; empty where there is none.'),
        }),
      )
      .describe('What the person was warned of before anything was measured, the worst first.'),
  })
  .describe(
    'State of the board before the run, as read there; null where it could not be read. Missing in results from before it was kept.',
  );

/** Schema of `result.json`: what one run measured, in µs, bytes, percent and percentage points. */
export const runResultSchema = z
  .strictObject({
    schema: z.literal(1).describe('Version of this format.'),
    run: text('Id of the run.'),
    createdAt: z.iso.datetime().describe('When the result was made, ISO 8601, UTC.'),
    seed: z.int().describe('Seed of everything random in the run.'),
    explanation: text('Why nothing was found, in one sentence; empty when the model was improved.'),
    notes: z.array(z.string()).describe('What a reader should know of this run, a sentence each.'),
    model: z
      .strictObject({
        path: text('The model file as the user named it.'),
        name: text('Its name for people.'),
      })
      .describe('The original model.'),
    data: z
      .strictObject({
        name: text('Name of the data set.'),
        fit: count('Samples used for fitting and fine-tuning.'),
        select: count('Samples used for choosing between candidates.'),
        verify: count('Samples used for the reported accuracy, and for nothing else.'),
        metric: text('The metric of accuracy.'),
      })
      .describe('The three disjoint parts of the data.'),
    board: boardSchema.describe(
      'Where everything was measured; of several boards the one where B gains least, or the first where nothing was compared.',
    ),
    boards: z
      .array(boardOfRun)
      .min(2)
      .exactOptional()
      .describe('Every board that was asked for, in a run with several; missing in a run with one.'),
    conditions: conditions.exactOptional(),
    original: measuredModel('The original model (A)'),
    optimized: measuredModel('The optimized model (B)'),
    comparison: z
      .strictObject({
        speedup: amount("A's time over B's, from interleaved pairs: above 1, B is faster."),
        speedupInterval95: interval('the speedup'),
        accuracyChange: z
          .number()
          .describe('B minus A as delivered, on the same samples, percentage points.'),
        accuracyChangeInterval95: interval('the change, percentage points'),
        tunedOriginalAccuracy: z
          .number()
          .min(0)
          .max(100)
          .nullable()
          .describe('Accuracy of A after the same fine-tuning as B, percent; null where it was not tuned.'),
        verdict: z
          .enum(['faster', 'slower', 'inconclusive'])
          .describe('What the interval of the speedup supports.'),
        energy: energyComparisonSchema
          .nullable()
          .exactOptional()
          .describe(
            'Energy per inference of both; null where it was not measured, as without a sensor. Missing in results from before it was kept.',
          ),
      })
      .describe('B against A as delivered.'),
    operators: z.array(operator).describe('Operators of A by their time, the slowest first.'),
    replacements: z.array(replacement).describe('What stands in B in place of what stood in A.'),
    search,
    stages: z
      .array(
        z.strictObject({
          name: text('Stage of the run.'),
          seconds: amount('Wall time over all resumes, seconds.'),
        }),
      )
      .describe('Where the time of the run went.'),
  })
  .describe(
    'Result of one run. Times are microseconds, sizes bytes, accuracies percent, changes of accuracy percentage points, intervals [low, high] at 95 %. peakMemoryBytes, damage and tunedOriginalAccuracy are null where they could not be or were not measured.',
  );

/** What one run measured, in the form of `result.json`. */
export type RunResult = z.infer<typeof runResultSchema>;

/** A board of a run with several, as in `result.json`. */
export type BoardOfRun = z.infer<typeof boardOfRun>;

/** One of the two compared models of a `RunResult`. */
export type MeasuredModel = RunResult['original'];

/** The JSON Schema (draft 2020-12) of `result.json`, as committed in `docs/result.schema.json`. */
export function runResultJsonSchema(): string {
  const schema = z.toJSONSchema(runResultSchema, { target: 'draft-2020-12' });
  return `${JSON.stringify({ title: 'Fieldtune run result', ...schema }, null, 2)}\n`;
}
