import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileHashes } from './file-hashes.ts';

/** Architectures that the runtime is there for, as Node names them. */
export type BoardArch = 'x64' | 'arm64';

/** One file of an installation; `path` is relative to its folder and of plain characters only. */
export interface RunnerFile {
  readonly path: string;
  readonly source: string;
  readonly sizeBytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly executable: boolean;
}

/** Everything that a runner on a board of one architecture needs. */
export interface RunnerFiles {
  /** Names the installation: 16 hexadecimal digits over the contents. */
  readonly hash: string;
  readonly files: readonly RunnerFile[];
  readonly sizeBytes: number;
}

/** Path of the bundle in an installation. */
export const bundlePath = 'runner.mjs';
/** Path of the Node that is deployed when the board has none. */
export const nodePath = 'node';

const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const sourceFolder = join(projectFolder, 'electron', 'runner');
/** What is bundled: the runner, and what it shares with the engine. */
const sourceFolders = [
  sourceFolder,
  ...['data', 'verify'].map((name) => join(projectFolder, 'electron', 'engine', name)),
];
const bundleFile = join(projectFolder, 'resources', 'runner', 'runner.mjs');
const bundleScript = join(projectFolder, 'resources', 'scripts', 'bundle-runner.mjs');

/** The program that is the runner on this computer: the source where there is one, else the bundle. */
export function localRunnerProgram(): string {
  const source = join(sourceFolder, 'main.ts');
  return existsSync(source) ? source : bundleFile;
}

/** Builds the bundle when it is missing or older than its sources; a packaged app brings it along. */
export async function ensureBundle(): Promise<string> {
  if (isFresh()) return bundleFile;
  const child = spawn(process.execPath, [bundleScript], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`The runner could not be bundled: ${complaints.trim()}`);
  return bundleFile;
}

/**
 * Collects what to install. Null when this installation of the app has no Node for the architecture and the board
 * needs one.
 */
export async function collectRunnerFiles(
  bundle: string,
  arch: BoardArch,
  withNode: boolean,
  hashes: FileHashes,
): Promise<RunnerFiles | null> {
  const node = withNode ? findNode(arch) : null;
  if (withNode && node === null) return null;
  const require = createRequire(import.meta.url);
  const runtimeFolder = dirname(require.resolve('onnxruntime-node/package.json'));
  const commonFolder = dirname(
    dirname(dirname(createRequire(`${runtimeFolder}/`).resolve('onnxruntime-common'))),
  );
  const nativeFolder = join('bin', 'napi-v6', 'linux', arch);

  const places: readonly Place[] = [
    { path: bundlePath, source: bundle, executable: false },
    ...placesIn(runtimeFolder, 'node_modules/onnxruntime-node', [
      'package.json',
      ...listFiles(runtimeFolder, 'dist', '.js'),
      ...listFiles(runtimeFolder, nativeFolder, ''),
    ]),
    ...placesIn(commonFolder, 'node_modules/onnxruntime-common', [
      'package.json',
      ...listFiles(commonFolder, join('dist', 'cjs'), '.js'),
      join('dist', 'cjs', 'package.json'),
    ]),
    ...(node ? [{ path: nodePath, source: node.path, executable: true }] : []),
  ];
  const files: RunnerFile[] = [];
  const hash = createHash('sha256').update(`${arch} ${node?.version ?? "the board's node"}\n`);
  for (const place of places) {
    const sha256 = await hashes.of(place.source);
    files.push({ ...place, sizeBytes: statSync(place.source).size, sha256 });
    hash.update(`${place.path} ${sha256}\n`);
  }
  hashes.save();
  return {
    hash: hash.digest('hex').slice(0, 16),
    files,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  };
}

function isFresh(): boolean {
  if (!existsSync(sourceFolder) || !existsSync(bundleScript)) return true;
  if (!existsSync(bundleFile)) return false;
  const sources = sourceFolders.flatMap((folder) =>
    readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs),
  );
  return statSync(bundleFile).mtimeMs >= Math.max(...sources);
}

/** Where `npm run board-nodes` puts what npm does not install on this computer. */
export const fetchedNodesFolder = join(projectFolder, 'node_modules', '.cache', 'fieldtune', 'node');

/** The Node to deploy: a package of npm or one fetched for a checkout, a resource beside the app in a package of it. */
function findNode(arch: BoardArch): { readonly path: string; readonly version: string } | null {
  const places = [join(projectFolder, '..', 'node'), fetchedNodesFolder].map((folder) =>
    join(folder, `linux-${arch}`, 'package.json'),
  );
  try {
    places.push(createRequire(import.meta.url).resolve(`node-linux-${arch}/package.json`));
  } catch {
    // npm leaves out what is for other systems.
  }
  for (const manifestFile of places) {
    const path = join(dirname(manifestFile), 'bin', 'node');
    if (!existsSync(manifestFile) || !existsSync(path)) continue;
    const manifest: unknown = JSON.parse(readFileSync(manifestFile, 'utf8'));
    const { name, version } = manifest as { readonly name?: unknown; readonly version?: unknown };
    if (name === `node-linux-${arch}`) return { path, version: String(version) };
  }
  return null;
}

function listFiles(root: string, folder: string, extension: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

type Place = Pick<RunnerFile, 'path' | 'source' | 'executable'>;

function placesIn(root: string, prefix: string, paths: readonly string[]): readonly Place[] {
  return paths
    .filter((path) => existsSync(join(root, path)))
    .map((path) => ({
      path: `${prefix}/${path.replaceAll('\\', '/')}`,
      source: join(root, path),
      executable: false,
    }));
}
