import { z } from 'zod';

// What comes from a board is checked like any other foreign input; see `reply-schemas.ts`.

const cores = z.array(z.int().nonnegative()).readonly();
const sensor = z.object({ name: z.string(), covers: z.enum(['board', 'rail', 'battery', 'cpu']) });

/** Value of the reply to `inventory`. */
export const inventorySchema = z.object({
  model: z.string().nullable(),
  os: z.string(),
  kernel: z.string(),
  kernelArch: z.string(),
  userlandArch: z.string(),
  libc: z.object({ name: z.enum(['glibc', 'musl', 'unknown']), version: z.string().nullable() }),
  clusters: z.array(z.object({ cores, name: z.string(), maxClockMHz: z.number().nullable() })).readonly(),
  cpuFeatures: z.array(z.string()).readonly(),
  coresOnline: z.number(),
  coresTotal: z.number(),
  coreLimit: z.number().nullable(),
  memoryBytes: z.number(),
  memoryLimitBytes: z.number().nullable(),
  storage: z
    .object({
      kind: z.enum([
        'sdCard',
        'emmc',
        'nvme',
        'usb',
        'ssd',
        'hdd',
        'network',
        'memory',
        'virtual',
        'unknown',
      ]),
      fileSystem: z.string(),
    })
    .nullable(),
  providers: z.array(z.string()).readonly(),
  providerUsed: z.string(),
  powerSensors: z.array(sensor).readonly(),
});

/** Value of the reply to `reading`. */
export const readingSchema = z.object({
  governors: z.array(z.object({ cores, governor: z.string() })).readonly(),
  clocks: z
    .array(z.object({ cores, nowMHz: z.number().nullable(), maxMHz: z.number().nullable() }))
    .readonly(),
  turbo: z
    .object({
      on: z.boolean(),
      // Part of a command that a person may run.
      switchFile: z.string().regex(/^\/sys\/[\w./-]+$/),
      offValue: z.enum(['0', '1']),
    })
    .nullable(),
  offlineCores: cores,
  temperatures: z
    .array(
      z.object({
        name: z.string(),
        temperatureC: z.number(),
        tripPoints: z.array(z.object({ type: z.string(), temperatureC: z.number() })).readonly(),
      }),
    )
    .readonly(),
  throttledNow: z.boolean().nullable(),
  throttledSinceBoot: z.boolean().nullable(),
  undervoltage: z.object({ now: z.boolean(), sinceBoot: z.boolean() }).nullable(),
  load1: z.number(),
  busiest: z.object({ name: z.string(), cores: z.number() }).nullable(),
  memoryAvailableBytes: z.number().nullable(),
  swapTotalBytes: z.number().nullable(),
  swapUsedBytes: z.number().nullable(),
  memoryPressure: z.number().nullable(),
  disk: z.object({ folder: z.string(), freeBytes: z.number(), totalBytes: z.number() }).nullable(),
  onBattery: z.boolean().nullable(),
});

/** Value of the reply to `energy`. */
export const energySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('measured'),
    energy: z.object({
      sensor,
      idleWatts: z.number(),
      rounds: z
        .array(
          z
            .array(
              z.object({
                calls: z.int().positive(),
                seconds: z.number().positive(),
                joules: z.number(),
              }),
            )
            .readonly(),
        )
        .readonly(),
    }),
  }),
  z.object({ kind: z.literal('noSensor') }),
  z.object({ kind: z.literal('sensorTooSlow'), sensor }),
  z.object({ kind: z.literal('sensorFailed'), sensor }),
  z.object({ kind: z.literal('modelFailed'), model: z.number(), reason: z.string() }),
]);
