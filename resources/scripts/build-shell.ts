// Bundles the window's main process and preload script, which Electron loads as they are: main.cjs, preload.cjs.
// usage: node resources/scripts/build-shell.ts [FOLDER]      default: dist/electron
import { copyFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const project = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles both scripts into `folder`, with the picture of the window on Linux. */
export async function buildShell(folder: string): Promise<void> {
  // One after the other: a sandboxed preload script cannot load a chunk that both would share.
  for (const name of ['main', 'preload']) {
    await build({
      root: project,
      configFile: false,
      publicDir: false,
      logLevel: 'warn',
      // The two that `ws` can do without are native.
      ssr: { noExternal: true, external: ['bufferutil', 'utf-8-validate'] },
      build: {
        ssr: join(project, 'electron', `${name}.ts`),
        outDir: folder,
        emptyOutDir: false,
        target: 'node24',
        minify: false,
        rolldownOptions: {
          external: ['electron', ...builtinModules, ...builtinModules.map((module) => `node:${module}`)],
          output: { format: 'cjs', entryFileNames: `${name}.cjs`, codeSplitting: false },
        },
      },
    });
  }
  await copyFile(join(project, 'resources', 'build', 'icons', '256x256.png'), join(folder, 'icon.png'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildShell(process.argv[2] ?? join(project, 'dist', 'electron'));
}
