import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().max(2000);

const version = z.object({
  sha256,
  sizeBytes: z.number().int().nonnegative(),
  /** Number of its folder under `releases/`. */
  release: z.number().int().positive(),
});

const event = z.object({
  at: text,
  /** `found`: the file that was there before Fieldtune. */
  action: z.enum(['found', 'deploy', 'rollback', 'automatic rollback']),
  sha256,
  /** Run that made the model; null for a file of somebody. */
  run: text.nullable(),
  by: text,
});

/** What lies in `manifest.json` beside every version: the board's own account, read back by later Fieldtunes. */
export const manifestSchema = z.object({
  schema: z.literal(1),
  path: text,
  active: version,
  /** The way home; null where nothing was before. */
  previous: version.nullable(),
  /** Commands of the customer's service, as a person agreed to them. */
  restart: text.nullable(),
  health: text.nullable(),
  healthTimeoutSeconds: z.number().positive(),
  /** The oldest first. */
  history: z.array(event),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type Version = z.infer<typeof version>;
export type ManifestEvent = z.infer<typeof event>;

/** Events that a manifest keeps. */
export const keptEvents = 20;

/** What is under way at a path; it lies there from before the first change until all is done. */
export const journalSchema = z.object({
  action: z.enum(['deploy', 'rollback', 'unmanage']),
  at: text,
  by: text,
  run: text.nullable(),
  /** Hash of the active model before; null where there was none. */
  from: sha256.nullable(),
  to: sha256.nullable(),
  /** Folders that the action makes, of which nothing is in use before the switch. */
  releases: z.array(z.number().int().positive()),
  /** The release that the link names after the switch; null for `unmanage`. */
  target: z.number().int().positive().nullable(),
  /** Whether a restart or a check follows the switch. */
  hasCommands: z.boolean(),
});
export type Journal = z.infer<typeof journalSchema>;

/** Reads JSON that a board gave back; null when it is not of this form. */
export function readJson<T>(schema: z.ZodType<T>, written: string): T | null {
  try {
    const parsed = schema.safeParse(JSON.parse(written));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The manifest after another version became active: what was active is the way home. */
export function nextManifest(
  before: Pick<Manifest, 'previous' | 'history'> & { readonly active: Version | null },
  now: Omit<Manifest, 'schema' | 'previous' | 'history'>,
  happened: ManifestEvent,
): Manifest {
  const isSame = before.active?.sha256 === now.active.sha256;
  return {
    schema: 1,
    ...now,
    previous: isSame ? before.previous : before.active,
    history: [...before.history, happened].slice(-keptEvents),
  };
}
