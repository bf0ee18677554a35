/** Scheme of the window's pages; never `file:`, whose pages could read files. */
export const scheme = 'app';

/** Origin of the window's pages. */
export const appOrigin = 'app://fieldtune';

/** Where the window starts. */
export const startPage = `${appOrigin}/`;

/** Page that stands in for the app when its service has ended. */
export const servicePage = `${appOrigin}/-/service-ended`;

/** What the link of that page asks for; the navigation guard catches it. */
export const restartAddress = `${appOrigin}/-/start-again`;

// A name without a dot is a place of the app.
const runFilePattern = /^\/runs\/[0-9a-z-]{1,64}\/[^/]*\.[^/]*$/;

/** Path of a URL on our origin, decoded; null for another origin, a climb out of it or a broken escape. */
export function ownPath(address: string): string | null {
  const url = URL.parse(address);
  if (url === null || url.protocol !== `${scheme}:` || url.host !== 'fieldtune') return null;
  if (url.username !== '' || url.password !== '') return null;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  const isPlain = path.startsWith('/') && !path.includes('\\') && !path.includes('\0');
  return isPlain && !path.split('/').includes('..') ? path : null;
}

/** Whether a path on our origin names a file of a run's folder, which the service gives. */
export const isRunFile = (path: string): boolean => runFilePattern.test(path);

/** Whether a path on our origin takes a file, which the service keeps. */
export const isUpload = (path: string): boolean => path.startsWith('/uploads/');

/** Whether the window itself may go to this address: a page of ours, not a file. */
export function isOwnPage(address: string): boolean {
  const path = ownPath(address);
  return path !== null && !isRunFile(path) && !isUpload(path);
}

/** Whether a frame inside the window may go to this address: the preview of a report, or an empty frame. */
export function isOwnFrame(address: string): boolean {
  if (address === 'about:blank' || address === 'about:srcdoc') return true;
  const path = ownPath(address);
  return path !== null && isRunFile(path) && path.endsWith('.html');
}

/** Whether a file may be saved from this address: a run's file, or one that the page made itself. */
export function isOwnDownload(address: string): boolean {
  if (address.startsWith(`blob:${appOrigin}/`)) return true;
  const path = ownPath(address);
  return path !== null && isRunFile(path);
}

/** Whether the system may be asked to open this address: pages of the web over TLS, and nothing else. */
export function isOutsideAddress(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === 'https:' && url.username === '' && url.password === '';
}
