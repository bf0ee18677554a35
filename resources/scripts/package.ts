/**
 * Packages the app for people who have no Node.
 * usage: npm run package -- [--platform linux|win32|darwin] [--arch x64|arm64] [--dir] [--output FOLDER]
 *                           [--parts FOLDER] [--electron-dist FOLDER]
 * --dir: the unpacked app only, no installer. --parts: what is there already is neither built nor fetched.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Arch, build, type Configuration, Platform } from 'electron-builder';
import { build as buildPages } from 'vite';
import { buildShell } from './build-shell.ts';
import { collectNatives, collectNodes, nameOf, run, type Target, targets } from './package-parts.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));

const { values } = parseArgs({
  options: {
    platform: { type: 'string', default: process.platform },
    arch: { type: 'string', default: process.arch },
    dir: { type: 'boolean', default: false },
    output: { type: 'string', default: join(project, 'dist', 'packages') },
    parts: { type: 'string' },
    'electron-dist': { type: 'string' },
  },
});

const target = targets.find((known) => nameOf(known) === `${values.platform}-${values.arch}`);
if (target === undefined) {
  throw new Error(
    `No package for ${values.platform} ${values.arch}; there is one for ${targets.map(nameOf).join(', ')}`,
  );
}

const parts = resolve(values.parts ?? join(project, 'dist', 'parts'));
if (values.parts === undefined) await rm(join(parts, 'app'), { recursive: true, force: true });
await makeParts(parts, target);
await makePackage(target);

async function makeParts(folder: string, wanted: Target): Promise<void> {
  const pages = join(folder, 'app', 'dist', 'renderer');
  const shell = join(folder, 'app', 'dist', 'electron');
  await run(process.execPath, [join(project, 'resources', 'scripts', 'bundle-runner.mjs')], project);
  if (!existsSync(pages)) {
    await buildPages({
      configFile: join(project, 'vite.config.ts'),
      root: join(project, 'renderer'),
      logLevel: 'warn',
      build: { outDir: pages, emptyOutDir: true },
    });
  }
  if (!existsSync(shell)) await buildShell(shell);
  await writeOutsideManifest(join(folder, 'outside'));
  await collectNodes(folder, wanted);
  await collectNatives(folder, wanted);
}

/** package.json for the sources outside the archive, without what is a developer's. */
async function writeOutsideManifest(folder: string): Promise<void> {
  const manifest: unknown = JSON.parse(await readFile(join(project, 'package.json'), 'utf8'));
  const { scripts: _, devDependencies: __, ...kept } = manifest as Record<string, unknown>;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`);
}

async function makePackage({ platform, arch }: Target): Promise<void> {
  // electron-builder takes paths of parts relative to the project.
  process.env.FIELDTUNE_PARTS = relative(project, parts);
  process.env.FIELDTUNE_PLATFORM = platform;
  const system = { linux: Platform.LINUX, win32: Platform.WINDOWS, darwin: Platform.MAC }[platform];
  const config: Configuration = {
    directories: { output: resolve(values.output) },
    ...(values['electron-dist'] === undefined ? {} : { electronDist: resolve(values['electron-dist']) }),
  };
  const files = await build({
    projectDir: project,
    targets: system.createTarget(values.dir ? 'dir' : null, Arch[arch]),
    config,
    publish: 'never',
  });
  for (const file of files) process.stdout.write(`${file}\n`);
}
