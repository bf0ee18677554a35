import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';

/** Prints a page of ours to PDF in a window that nobody sees; null when it does not load. */
export async function printPdf(
  open: (options: BrowserWindowConstructorOptions) => BrowserWindow,
  address: string,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const window = open({
    show: false,
    webPreferences: {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // A report needs none, and holds foreign names.
      javascript: false,
    },
  });
  try {
    await window.loadURL(address);
    const pdf = await window.webContents.printToPDF({
      pageSize: 'A4',
      printBackground: true,
      preferCSSPageSize: true,
    });
    return new Uint8Array(pdf);
  } catch {
    return null;
  } finally {
    if (!window.isDestroyed()) window.destroy();
  }
}
