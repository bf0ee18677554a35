import { z } from 'zod';

// What comes from a board is checked like any other foreign input. JSON has no NaN: the runner's NaN arrives as null.
const numberOrNaN = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

/** Header of any frame from the runner. */
export const incomingSchema = z.union([
  z.object({
    id: z.number(),
    progress: z.object({ done: z.number(), total: z.number() }),
    part: z.unknown().optional(),
  }),
  z.object({ id: z.number(), ok: z.literal(true), value: z.unknown() }),
  z.object({
    id: z.number(),
    ok: z.literal(false),
    kind: z.enum(['modelFailsToRun', 'diskFull', 'hashMismatch', 'cancelled', 'internal']),
    reason: z.string(),
  }),
]);

/** Who a board says it is. */
export const identitySchema = z.object({
  id: z.string(),
  name: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  os: z.string(),
  nodeVersion: z.string(),
  runtimeVersion: z.string(),
  serialNumber: z.string().nullable(),
});

/** Value of the reply to `hello`. */
export const helloSchema = z.object({ protocol: z.number(), identity: identitySchema });

/** What a smoke run prints. */
export const smokeSchema = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    samples: z.number(),
    largestDifference: numberOrNaN,
    relativeError: numberOrNaN,
    medianUs: numberOrNaN,
  }),
  z.object({ ok: z.literal(false), reason: z.string() }),
]);

/** Value of the reply to `missingModels`. */
export const missingModelsSchema = z.array(z.string());

/** Value of the reply to `conditions`. */
export const conditionsSchema = z.object({
  governor: z.string().nullable(),
  clockMHz: z.array(z.number()).nullable(),
  temperatureC: z.number().nullable(),
  throttled: z.boolean().nullable(),
  load1: z.number(),
});

/** Value of the reply to `time`. */
export const timeSchema = z.object({
  blocks: z.array(z.object({ wallUs: z.array(numberOrNaN), cpuUs: z.array(numberOrNaN) })),
  iterations: z.array(z.number()),
  callsUs: z.array(z.array(z.number())),
  dropped: z.array(z.object({ block: z.number(), reason: z.string() })),
  failed: z.array(z.object({ model: z.number(), reason: z.string() })),
  conditions: conditionsSchema,
  conditionsLog: z
    .array(
      z.object({
        seconds: z.number(),
        clockMHz: z.number().nullable(),
        temperatureC: z.number().nullable(),
        throttled: z.boolean().nullable(),
      }),
    )
    .exactOptional(),
});

const callFigures = z.object({ calls: z.number(), p50Us: z.number(), p90Us: z.number(), p99Us: z.number() });

/** What is told while a `sustain` goes on. */
export const sustainPartSchema = z.object({
  blocks: z.array(
    z.object({
      wallUs: z.array(z.number()),
      cpuUs: z.array(z.number()),
      atMs: z.number(),
      temperatureC: z.number().nullable(),
      clockMHz: z.number().nullable(),
      throttled: z.boolean().nullable(),
      load1: z.number(),
      rssBytes: z.number(),
    }),
  ),
  models: z.array(callFigures),
});

/** Value of the reply to `sustain`. */
export const sustainSchema = z.object({
  ended: z.enum(['complete', 'cancelled']),
  failed: z.array(z.object({ model: z.number(), reason: z.string() })),
  conditions: conditionsSchema,
});

const trialCounts = z.object({
  inputs: z.number(),
  agreed: z.number(),
  malformed: z.number(),
  failedB: z.number(),
  a: callFigures,
  b: callFigures,
  smallestCosine: z.number().nullable(),
  largestDifference: z.number().nullable(),
  by: z.enum(['top-1', 'outputs']).nullable(),
});

// A board may say what it likes; no more of it is taken than a trial keeps.
const shortText = z.string().transform((text) => text.slice(0, 500));

/** What is told while a `trial` goes on. */
export const trialPartSchema = z.object({
  counts: trialCounts,
  disagreements: z.array(
    z.object({
      input: shortText,
      top1A: z.number().nullable(),
      top1B: z.number().nullable(),
      cosine: z.number(),
      largestDifference: z.number().nullable(),
      outputA: z.array(numberOrNaN),
      outputB: z.array(numberOrNaN),
      reason: shortText.nullable(),
    }),
  ),
  malformed: z.array(z.object({ file: shortText, reason: shortText })),
});

/** Value of the reply to `trial`. */
export const trialSchema = z.object({
  ended: z.enum(['complete', 'cancelled']),
  counts: trialCounts,
  refused: shortText,
  failed: z.object({ model: z.union([z.literal(0), z.literal(1)]), reason: z.string() }).nullable(),
  folder: z.string(),
});

/** Value of the reply to `profile`. */
export const profileSchema = z.object({
  cleanUs: z.array(z.number()),
  instrumentedUs: z.array(z.number()),
  events: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      callsUs: z.array(z.number()),
      outputBytes: z.number(),
      parameterBytes: z.number(),
    }),
  ),
});

/** Value of the reply to `peakMemory`, bytes. */
export const peakMemorySchema = z.number().positive();
