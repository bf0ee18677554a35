import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SafeStorage } from 'electron';
import { z } from 'zod';
import { fail, ok, type Result } from '../contract/result.ts';
import type { AppInfo } from '../contract/views.ts';

/** Why a secret was not kept: nothing here protects it, or the file could not be written. */
export type SecretError =
  | { readonly kind: 'secretNotProtected'; readonly backend: string }
  | { readonly kind: 'secretNotWritten'; readonly reason: string };

/** Keeps secrets by the means of the system. */
export interface Secrets {
  /** Whether a secret would be kept, and by what; the window tells the person. */
  status(): Promise<AppInfo['secrets']>;
  save(name: string, secret: string): Promise<Result<null, SecretError>>;
  /** Null: never saved, or no longer readable. */
  read(name: string): Promise<string | null>;
  forget(name: string): Promise<void>;
}

/** Calls of Electron's safeStorage that do not block. */
export type AsyncSafeStorage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

const fileSchema = z.record(z.string(), z.base64());

/** Secrets in `file`, encrypted by `storage`. On Linux a backend that only looks like one is refused. */
export function makeSecrets(storage: AsyncSafeStorage, platform: NodeJS.Platform, file: string): Secrets {
  // One after the other, so that no change is lost.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };

  const load = async (): Promise<Record<string, string>> => {
    try {
      const parsed = fileSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
      return parsed.success ? parsed.data : {};
    } catch {
      return {};
    }
  };
  const store = async (kept: Record<string, string>): Promise<void> => {
    await mkdir(dirname(file), { recursive: true });
    const part = `${file}.part`;
    try {
      await writeFile(part, JSON.stringify(kept), { mode: 0o600 });
      await rename(part, file);
    } finally {
      await rm(part, { force: true });
    }
  };

  const status = async (): Promise<AppInfo['secrets']> => {
    const backend = platform === 'linux' ? storage.getSelectedStorageBackend() : backendNames[platform];
    if (backend === undefined) return { kept: false, backend: 'unknown' };
    // These encrypt with a key that everyone knows, or with none.
    if (backend === 'basic_text' || backend === 'unknown') return { kept: false, backend };
    try {
      return { kept: await storage.isAsyncEncryptionAvailable(), backend };
    } catch {
      return { kept: false, backend };
    }
  };

  return {
    status,
    async save(name, secret) {
      const { kept, backend } = await status();
      if (!kept) return fail({ kind: 'secretNotProtected', backend });
      return inTurn(async () => {
        try {
          const encrypted = await storage.encryptStringAsync(secret);
          await store({ ...(await load()), [name]: encrypted.toString('base64') });
          return ok(null);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          return fail<SecretError>({ kind: 'secretNotWritten', reason });
        }
      });
    },
    read: (name) =>
      inTurn(async () => {
        const kept = await load();
        const encrypted = Object.hasOwn(kept, name) ? kept[name] : undefined;
        if (encrypted === undefined) return null;
        try {
          const { result, shouldReEncrypt } = await storage.decryptStringAsync(
            Buffer.from(encrypted, 'base64'),
          );
          if (shouldReEncrypt) {
            const again = await storage.encryptStringAsync(result);
            await store({ ...kept, [name]: again.toString('base64') });
          }
          return result;
        } catch {
          return null;
        }
      }),
    forget: (name) =>
      inTurn(async () => {
        const { [name]: _, ...rest } = await load();
        await store(rest);
      }),
  };
}

const backendNames: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Keychain',
  win32: 'DPAPI',
};
