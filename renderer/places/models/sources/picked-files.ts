import type { NamedFile } from '../../../client/uploads.ts';

/** What came in a drop or from a file input, sorted into a model and data. */
export interface Picked {
  readonly model: readonly NamedFile[];
  readonly data: readonly NamedFile[];
}

/** Sorts files: an `.onnx` that lies in no folder is the model, all else is data; hidden files are left out. */
export function sortFiles(files: readonly NamedFile[]): Picked {
  const shown = files.filter(({ name }) => !name.split('/').some((part) => part.startsWith('.')));
  const isModel = ({ name }: NamedFile): boolean => !name.includes('/') && /\.onnx$/i.test(name);
  return { model: shown.filter(isModel).slice(0, 1), data: shown.filter((file) => !isModel(file)) };
}

/** The name of what the files are together: the folder, or the only file. */
export const nameOf = (files: readonly NamedFile[]): string => files[0]?.name.split('/')[0] ?? '';

/** Files of an input; those of a folder keep their path in it. */
export const inputFiles = (files: FileList | readonly File[] | null): readonly NamedFile[] =>
  [...(files ?? [])].map((file) => ({ name: file.webkitRelativePath || file.name, file }));

/** Files of a drop, folders with all that is in them. Must be called while the drop event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly NamedFile[]> {
  // The browser takes the items back once the event is over.
  const items = [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const lists = await Promise.all(
    items.map(async ({ entry, file }) => {
      if (entry?.isDirectory) return filesUnder(entry as FileSystemDirectoryEntry, `${entry.name}/`);
      return file ? [{ name: file.name, file }] : [];
    }),
  );
  return lists.flat();
}

async function filesUnder(folder: FileSystemDirectoryEntry, path: string): Promise<readonly NamedFile[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // A reader gives a hundred entries at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break;
    entries.push(...some);
  }
  const lists = await Promise.all(
    entries.map(async (entry): Promise<readonly NamedFile[]> => {
      if (entry.isDirectory) return filesUnder(entry as FileSystemDirectoryEntry, `${path}${entry.name}/`);
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      return [{ name: `${path}${entry.name}`, file }];
    }),
  );
  return lists.flat();
}
