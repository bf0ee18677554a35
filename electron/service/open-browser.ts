import { spawn } from 'node:child_process';

/** Whether this computer has a screen that a browser could open on. */
export function hasScreen(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): boolean {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
}

/** Opens a page in the system's browser; where that cannot be done nothing happens. */
export function openBrowser(url: string): void {
  if (!hasScreen(process.platform, process.env)) return;
  const [program, ...args] =
    process.platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler', url]
      : [process.platform === 'darwin' ? 'open' : 'xdg-open', url];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  // The address was printed, so a person can open it by hand.
  child.on('error', () => undefined);
  child.unref();
}
