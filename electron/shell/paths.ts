import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where the parts of the app lie that the window needs. */
export interface ShellPaths {
  /** The plain Node that runs the service; Electron's own never runs it. */
  readonly node: string;
  readonly service: string;
  readonly renderer: string;
  readonly preload: string;
  /** Picture of the window; null where the system takes it from the program. */
  readonly icon: string | null;
}

/** What decides where they lie. */
export interface Installation {
  /** Folder or archive of the app, as Electron names it. */
  readonly appPath: string;
  readonly packaged: boolean;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

/** Finds the parts in a checkout or in a package, where what the plain Node reads lies beside the archive. */
export function findShellPaths({ appPath, packaged, platform, arch }: Installation): ShellPaths {
  const outside = packaged ? `${appPath}.unpacked` : appPath;
  return {
    node: packaged ? shippedNode(dirname(appPath), platform, arch) : checkoutNode(appPath, platform, arch),
    service: join(outside, 'electron', 'browser.ts'),
    renderer: join(appPath, 'dist', 'renderer'),
    preload: join(appPath, 'dist', 'electron', 'preload.cjs'),
    icon: platform === 'linux' ? join(appPath, 'dist', 'electron', 'icon.png') : null,
  };
}

/** The Node among the resources of a package. */
function shippedNode(resources: string, platform: NodeJS.Platform, arch: string): string {
  return join(resources, 'node', `${platform}-${arch}`, 'bin', platform === 'win32' ? 'node.exe' : 'node');
}

/** The Node of the checkout's packages, else the one on PATH, which the set-up holds to be new enough. */
function checkoutNode(root: string, platform: NodeJS.Platform, arch: string): string {
  const own = join(root, 'node_modules', `node-${platform}-${arch}`, 'bin', 'node');
  return existsSync(own) ? own : 'node';
}
