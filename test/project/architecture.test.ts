import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = globSync('{electron,renderer,test,resources}/**/*.{ts,tsx,mjs}', {
  cwd: root,
  exclude: (path) => path.startsWith(join('resources', 'runner')) || path.includes('node_modules'),
}).map((path) => path.split(sep).join('/'));

const longestLines = 400;
const pureFolders = ['instructions', 'operators', 'search', 'verify'].map(
  (name) => `electron/engine/${name}/`,
);

const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The text without comments and string contents, so that prose about a rule does not break it. */
function codeOf(file: string): string {
  return textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

/** What a file imports, relative paths made relative to the project. */
function importsOf(file: string): string[] {
  const specifiers = textOf(file).matchAll(
    /^\s*(?:import|export)\b[^;'"]*?\bfrom\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm,
  );
  return [...specifiers].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    return specifier.startsWith('.')
      ? normalize(join(dirname(file), specifier))
          .split(sep)
          .join('/')
      : specifier;
  });
}

/** Files that break a rule, with what breaks it. */
function breaches(candidates: readonly string[], forbidden: (file: string) => readonly string[]): string[] {
  return candidates.flatMap((file) => forbidden(file).map((what) => `${file}: ${what}`));
}

const inFolders = (folders: readonly string[]): string[] =>
  files.filter((file) => folders.some((folder) => file.startsWith(folder)));

describe('the house', () => {
  test('has the sources that these rules are about', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(importsOf('electron/cli/commands.ts')).toContain('electron/cli/work.ts');
    expect(importsOf('electron/cli.ts')).toContain('electron/app/app.ts');
  });

  test('lets the renderer import electron/contract only', () => {
    const found = breaches(inFolders(['renderer/']), (file) =>
      importsOf(file).filter(
        (path) =>
          path === 'electron' ||
          path.startsWith('node:') ||
          (path.startsWith('electron/') && !path.startsWith('electron/contract/')),
      ),
    );
    expect(found).toEqual([]);
  });

  test('keeps files, processes, clocks and runtimes out of the pure part of the engine', () => {
    const pure = inFolders(pureFolders);
    const imports = breaches(pure, (file) =>
      importsOf(file).filter((path) => path.startsWith('node:') || path.startsWith('onnxruntime')),
    );
    const globals = breaches(pure, (file) =>
      [
        ...codeOf(file).matchAll(
          /\b(Math\.random|Date\.now|new Date\(\)|performance\.now|process\.\w+|setTimeout)\b/g,
        ),
      ].map((match) => match[0]),
    );
    expect([...imports, ...globals]).toEqual([]);
  });

  /** What the app and the runner say to each other, of types alone. */
  const runnerProtocol = ['electron/runner/protocol.ts', 'electron/runner/board-reading.ts'];

  test('keeps the contract free of everything but types, schemas and the runner’s protocol', () => {
    const found = breaches(inFolders(['electron/contract/']), (file) =>
      importsOf(file).filter(
        (path) => path !== 'zod' && !runnerProtocol.includes(path) && !path.startsWith('electron/contract/'),
      ),
    );
    expect(found).toEqual([]);
  });

  test('lets no part of the app import a face', () => {
    const parts = ['app', 'board', 'engine', 'report', 'runner', 'store'].map((name) => `electron/${name}/`);
    const found = breaches(inFolders(parts), (file) =>
      importsOf(file).filter((path) => /^electron\/cli(\/|\.ts$)|^renderer\/|^electron$/.test(path)),
    );
    expect(found).toEqual([]);
  });

  test(`has no file longer than ${longestLines} lines`, () => {
    const found = files.filter((file) => textOf(file).trimEnd().split('\n').length > longestLines);
    expect(found).toEqual([]);
  });

  test('has no utils, no barrels, no default exports and only kebab-case names', () => {
    const badNames = files.filter((file) => {
      const name = basename(file).replace(/\.((test|d)\.)?(ts|tsx|mjs)$/, '');
      if (/^(utils?|helpers?|index)$/.test(name)) return true;
      return file.endsWith('.tsx') ? false : !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
    });
    const defaults = files.filter((file) => /^export default\b/m.test(codeOf(file)));
    expect([...badNames, ...defaults]).toEqual([]);
  });

  test('has no any', () => {
    const found = breaches(
      files.filter((file) => !file.endsWith('.mjs')),
      (file) => [...codeOf(file).matchAll(/(?::|<|\bas|\|)\s*any\b(?!\s*\()/g)].map((match) => match[0]),
    );
    expect(found).toEqual([]);
  });

  test('says in a sentence what every exported function, class and constant is', () => {
    const sources = files.filter((file) => !file.startsWith('test/') && !file.endsWith('.mjs'));
    const found = breaches(sources, (file) => {
      const lines = textOf(file).split('\n');
      return lines.flatMap((line, index) => {
        const name = /^export (?:async )?(?:function\*?|class|const) (\w+)/.exec(line)?.[1];
        if (name === undefined) return [];
        const before = lines[index - 1]?.trim() ?? '';
        return before.endsWith('*/') || before.startsWith('// biome-ignore') ? [] : [name];
      });
    });
    expect(found).toEqual([]);
  });
});
