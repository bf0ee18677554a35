import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { AppError } from '../../../../electron/contract/errors.ts';
import { useConnection } from '../../../client/calls.ts';
import { lastPartOf } from '../../../client/paths.ts';
import { useSelection } from '../../../client/selection.ts';
import {
  type NamedFile,
  type UploadKind,
  type UploadProgress,
  uploadFiles,
} from '../../../client/uploads.ts';
import { linkTo } from '../../../frame/places.ts';
import { dataLink } from '../links.ts';
import { openedModelKey } from '../opened.ts';
import { nameOf, type Picked } from './picked-files.ts';

/** What comes in now: first it is uploaded, then it is opened. */
export interface Coming {
  readonly what: UploadKind;
  readonly name: string;
  /** Null: it is being opened. */
  readonly progress: UploadProgress | null;
}

/** Models and data on their way into the window. */
export interface Incoming {
  readonly coming: Coming | null;
  readonly error: AppError | null;
  /** Asks with the system's dialog. */
  choose(what: UploadKind): void;
  openPath(path: string): void;
  take(picked: Picked): void;
  cancel(): void;
  dismiss(): void;
}

const isModelPath = (path: string): boolean => /\.onnx$/i.test(path.trim());

/** Brings models and data in, selects them and goes to them. */
export function useIncoming(): Incoming {
  const connection = useConnection();
  const client = useQueryClient();
  const { select } = useSelection();
  const [, navigate] = useLocation();
  const [coming, setComing] = useState<Coming | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const stop = useRef<AbortController | null>(null);

  const open = useCallback(
    async (what: UploadKind, path: string): Promise<AppError | null> => {
      setComing({ what, name: lastPartOf(path), progress: null });
      if (what === 'model') {
        const opened = await connection.call('models.open', { path });
        if (!opened.ok) return opened.error;
        const { path: whole, name, sha256 } = opened.value;
        client.setQueryData(openedModelKey(whole), opened.value);
        select({ model: { path: whole, name, sha256 } });
        navigate(linkTo('models', sha256));
      } else {
        const opened = await connection.call('data.open', { path });
        if (!opened.ok) return opened.error;
        const { path: whole, name } = opened.value;
        // What was kept of a folder of that name may be old.
        client.removeQueries({ queryKey: ['opened-data', whole] });
        select({ data: { path: whole, name } });
        navigate(dataLink);
      }
      return null;
    },
    [connection, client, select, navigate],
  );

  const work = useCallback(
    async (steps: (signal: AbortSignal) => Promise<AppError | null>): Promise<void> => {
      stop.current?.abort();
      const own = new AbortController();
      stop.current = own;
      setError(null);
      const failure = await steps(own.signal);
      if (stop.current !== own) return;
      setComing(null);
      setError(failure?.kind === 'cancelled' ? null : failure);
    },
    [],
  );

  const upload = useCallback(
    async (what: UploadKind, files: readonly NamedFile[], signal: AbortSignal): Promise<AppError | null> => {
      const name = nameOf(files);
      const tell = (progress: UploadProgress): void => {
        if (!signal.aborted) setComing({ what, name, progress });
      };
      tell({ doneBytes: 0, totalBytes: files.reduce((sum, { file }) => sum + file.size, 0) });
      const uploaded = await uploadFiles(what, files, tell, signal);
      if (!uploaded.ok) return uploaded.error;
      return open(what, uploaded.value.path);
    },
    [open],
  );

  return useMemo(
    () => ({
      coming,
      error,
      choose: (what) =>
        void work(async () => {
          const chosen = await connection.call('files.choose', { what });
          if (!chosen.ok) return chosen.error;
          return chosen.value === null ? null : open(what, chosen.value);
        }),
      openPath: (path) => void work(() => open(isModelPath(path) ? 'model' : 'data', path.trim())),
      take: ({ model, data }) =>
        void work(async (signal) => {
          const failure = model.length > 0 ? await upload('model', model, signal) : null;
          return failure ?? (data.length > 0 ? upload('data', data, signal) : null);
        }),
      cancel: () => {
        stop.current?.abort();
        setComing(null);
      },
      dismiss: () => setError(null),
    }),
    [coming, error, work, open, upload, connection],
  );
}
