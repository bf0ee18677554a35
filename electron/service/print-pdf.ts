import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type OpenFile, openFile } from './static-files.ts';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'microsoft-edge-stable',
  'msedge',
];

/** Where these programs are on systems that do not put them on PATH. */
const placesOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  const programs = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(
    (folder) => folder !== undefined,
  );
  return [
    ...programs.flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ];
};

/** The program that can print a page without a window: Chromium, Chrome or Edge; null when there is none. */
export function findPrinter(env: NodeJS.ProcessEnv = process.env): string | null {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const candidates = [
    ...names.flatMap((name) => folders.map((folder) => join(folder, `${name}${suffix}`))),
    ...placesOf(env),
  ];
  return candidates.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const timeoutMs = 60_000;

/** Stands before a page that is printed: whatever has become of its file, it runs and fetches nothing. */
const guard = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">\n`;

/** Prints a self-contained HTML file (absolute path) as PDF; a text says why that failed. The file is gone once it was read. */
export async function printPdf(printer: string, htmlPath: string): Promise<OpenFile | string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtune-print-'));
  try {
    const pdfPath = join(folder, 'report.pdf');
    const copyPath = join(folder, 'report.html');
    await writeFile(copyPath, `${guard}${await readFile(htmlPath, 'utf8')}`);
    const reason = await run(printer, [
      '--headless',
      '--disable-gpu',
      '--disable-extensions',
      '--disable-background-networking',
      '--no-first-run',
      '--no-default-browser-check',
      `--user-data-dir=${join(folder, 'profile')}`,
      '--no-pdf-header-footer',
      `--print-to-pdf=${pdfPath}`,
      // As root these programs do not start with their sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      pathToFileURL(copyPath).href,
    ]);
    const file = await openFile(pdfPath);
    if (file === null || file.sizeBytes === 0) {
      file?.stream.destroy();
      return reason ?? `${printer} wrote no file`;
    }
    // On Windows an open file keeps its folder.
    file.stream.once('close', () => void rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    return file;
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

function run(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: timeoutMs, killSignal: 'SIGKILL', windowsHide: true }, (error) => {
      if (error === null) resolve(null);
      else if (error.killed) resolve(`${program} took longer than ${timeoutMs / 1000} s`);
      else resolve(`${program} failed with ${error.code ?? error.signal ?? error.message}`);
    });
  });
}
