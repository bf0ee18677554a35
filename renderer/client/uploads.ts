import type { AppError } from '../../electron/contract/errors.ts';
import { fileRoutes } from '../../electron/contract/file-routes.ts';
import { fail, type Result } from '../../electron/contract/result.ts';

/** A file that goes to the app; `name` is relative, with slashes, within what is uploaded together. */
export interface NamedFile {
  readonly name: string;
  readonly file: File;
}

/** How far an upload has come. */
export interface UploadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export type UploadKind = 'model' | 'data';
export type UploadAnswer = Result<{ readonly path: string }, AppError>;

const atOnce = 4;
const tellEveryMs = 100;

/**
 * Uploads the files of one model or one data folder; gives the path of the whole on the laptop. Errors: those of
 * the app, `cancelled`, and modelMissing or dataUnreadable where the line broke.
 */
export async function uploadFiles(
  what: UploadKind,
  files: readonly NamedFile[],
  onProgress: (progress: UploadProgress) => void,
  signal: AbortSignal,
): Promise<UploadAnswer> {
  const upload = crypto.randomUUID();
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const sent = new Map<NamedFile, number>();
  let doneBytes = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (entry: NamedFile, bytes: number): void => {
    const now = Math.min(bytes, entry.file.size);
    doneBytes += now - (sent.get(entry) ?? 0);
    sent.set(entry, now);
    if (performance.now() - toldAt < tellEveryMs && doneBytes < totalBytes) return;
    toldAt = performance.now();
    onProgress({ doneBytes, totalBytes });
  };
  const send = (entry: NamedFile): Promise<UploadAnswer> =>
    sendFile({ what, upload, name: entry.name }, entry.file, (bytes) => tell(entry, bytes), signal);

  const waiting = files.slice(0, -1);
  let failure: UploadAnswer | null = null;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !failure; next = waiting.shift()) {
      const answer = await send(next);
      if (!answer.ok) failure ??= answer;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failure) return failure;
  // Only the answer to the last file knows the whole.
  const last = files.at(-1);
  if (!last) return fail({ kind: 'dataMissing', path: '', reason: 'there is no file in it' });
  return send(last);
}

function sendFile(
  { what, upload, name }: { readonly what: UploadKind; readonly upload: string; readonly name: string },
  file: File,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<UploadAnswer> {
  const broken = (reason: string): UploadAnswer =>
    fail(
      what === 'model'
        ? { kind: 'modelMissing', path: name, reason }
        : { kind: 'dataUnreadable', path: name, reason },
    );
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(fail({ kind: 'cancelled' }));
    // fetch tells nothing about how much of a body has gone out.
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    const end = (answer: UploadAnswer): void => {
      signal.removeEventListener('abort', abort);
      resolve(answer);
    };
    signal.addEventListener('abort', abort);
    request.upload.addEventListener('progress', ({ loaded }) => onBytes(loaded));
    request.addEventListener('load', () => {
      onBytes(file.size);
      end(readAnswer(request.responseText) ?? broken(`the app answered ${request.status}`));
    });
    request.addEventListener('error', () => end(broken('its upload was cut short')));
    request.addEventListener('abort', () => end(fail({ kind: 'cancelled' })));
    request.open('POST', fileRoutes.upload(what, upload, name));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.send(file);
  });
}

function readAnswer(text: string): UploadAnswer | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'ok' in answer ? (answer as UploadAnswer) : null;
  } catch {
    return null;
  }
}
