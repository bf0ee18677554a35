import type { App, Session, Shell, WebContents } from 'electron';
import {
  appOrigin,
  isOutsideAddress,
  isOwnDownload,
  isOwnFrame,
  isOwnPage,
  restartAddress,
} from './addresses.ts';

/** What the guards hand on instead of letting it happen. */
export interface GuardHooks {
  /** The link on the page that stands in for the app was followed. */
  onStartAgain(): void;
}

/** Keeps every web contents of the app on our pages: no other page, window, webview or program. */
export function guardContents(app: App, shell: Pick<Shell, 'openExternal'>, hooks: GuardHooks): void {
  app.on('web-contents-created', (_event, contents) => {
    guardNavigation(contents, shell, hooks);
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openOutside(shell, url);
      return { action: 'deny' };
    });
  });
}

function guardNavigation(
  contents: WebContents,
  shell: Pick<Shell, 'openExternal'>,
  { onStartAgain }: GuardHooks,
): void {
  contents.on('will-navigate', (details) => {
    if (details.url === restartAddress) {
      details.preventDefault();
      onStartAgain();
      return;
    }
    if (isOwnPage(details.url)) return;
    details.preventDefault();
    openOutside(shell, details.url);
  });
  contents.on('will-frame-navigate', (details) => {
    const isAllowed = details.isMainFrame
      ? // A page of the web is `will-navigate`'s to turn away, which opens it elsewhere.
        isOwnPage(details.url) || isOutsideAddress(details.url)
      : isOwnFrame(details.url);
    if (!isAllowed) details.preventDefault();
  });
  contents.on('will-redirect', (details) => details.preventDefault());
}

/** Opens a page of the web in the person's browser; anything else (`file:`, programs' own schemes) is dropped. */
export function openOutside(shell: Pick<Shell, 'openExternal'>, address: string): void {
  // Where no browser can be started, a link does nothing.
  if (isOutsideAddress(address)) shell.openExternal(address).catch(() => undefined);
}

/** Refuses what pages may ask of the system, but for writing to the clipboard from our own page. */
export function guardSession(session: Session): void {
  const isAllowed = (permission: string, origin: string, isMainFrame: boolean): boolean =>
    permission === 'clipboard-sanitized-write' && isMainFrame && withoutSlash(origin) === appOrigin;
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    const origin = URL.parse(details.requestingUrl);
    callback(isAllowed(permission, `${origin?.protocol}//${origin?.host}`, details.isMainFrame));
  });
  session.setPermissionCheckHandler((_contents, permission, origin, details) =>
    isAllowed(permission, origin, details.isMainFrame),
  );
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    if (!isOwnDownload(item.getURL())) event.preventDefault();
  });
}

const withoutSlash = (origin: string): string => origin.replace(/\/$/, '');
