import { EventEmitter } from 'node:events';
import type { ElectronParts } from '../../electron/shell/shell.ts';

/** An event of Electron that can be prevented. */
export class FakeEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' };

/** Contents of a window: keeps what it was told, and emits what a test wants. */
export class FakeContents extends EventEmitter {
  readonly mainFrame = { origin: 'null', url: '' };
  readonly sent: unknown[][] = [];
  reloads = 0;
  openHandler: OpenHandler | null = null;
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
  send(...message: unknown[]): void {
    this.sent.push(message);
    this.emit('test:sent', message);
  }
  reload(): void {
    this.reloads += 1;
  }
  async printToPDF(): Promise<Buffer> {
    return Buffer.from(`%PDF of ${this.mainFrame.url}`);
  }
  /** Emits a navigation and says whether it was stopped. */
  navigate(event: string, url: string, isMainFrame = true): boolean {
    const details = Object.assign(new FakeEvent(), { url, isMainFrame, frame: null });
    this.emit(event, details, url);
    return details.defaultPrevented;
  }
}

/** A window that loads nothing. */
export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly loaded: string[] = [];
  visible = false;
  focused = false;
  maximized = false;
  minimized = false;
  destroyed = false;
  readonly options: Record<string, unknown>;
  private readonly electron: FakeElectron;
  constructor(electron: FakeElectron, options: Record<string, unknown>) {
    super();
    this.electron = electron;
    this.options = options;
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    const { protocol, host } = new URL(url);
    this.webContents.mainFrame.origin = `${protocol}//${host}`;
    this.webContents.mainFrame.url = url;
    this.emit('test:loaded', url);
    this.emit('ready-to-show');
  }
  show(): void {
    this.visible = true;
  }
  focus(): void {
    this.focused = true;
  }
  maximize(): void {
    this.maximized = true;
  }
  restore(): void {
    this.minimized = false;
  }
  isMinimized = (): boolean => this.minimized;
  isMaximized = (): boolean => this.maximized;
  isDestroyed = (): boolean => this.destroyed;
  getNormalBounds = () => ({ x: 10, y: 20, width: 1300, height: 900 });
  close(): void {
    const event = new FakeEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('closed');
    const { app } = this.electron;
    if (this.electron.openWindows().length === 0 && !app.quitting) app.emit('window-all-closed');
  }
}

class FakeApp extends EventEmitter {
  readonly electron: FakeElectron;
  readonly log: string[] = [];
  readonly paths: Record<string, string> = {};
  isPackaged = false;
  appPath = '/nowhere';
  locale = 'en-US';
  hasLock = true;
  ended = false;
  quitting = false;
  constructor(electron: FakeElectron) {
    super();
    this.electron = electron;
  }
  getAppPath = (): string => this.appPath;
  getPath = (name: string): string => `/home/person/${name}`;
  getLocale = (): string => this.locale;
  setPath(name: string, path: string): void {
    this.paths[name] = path;
  }
  enableSandbox(): void {
    this.log.push('sandbox');
  }
  requestSingleInstanceLock(): boolean {
    this.log.push('lock');
    return this.hasLock;
  }
  async whenReady(): Promise<void> {
    this.log.push('ready');
  }
  /** As Electron does it: asks, closes the windows, asks again, ends. */
  quit(): void {
    this.quitting = true;
    const isStopped = (event: string): boolean => {
      const asked = new FakeEvent();
      this.emit(event, asked);
      if (asked.defaultPrevented) this.quitting = false;
      return asked.defaultPrevented;
    };
    if (isStopped('before-quit')) return;
    for (const window of this.electron.openWindows()) window.close();
    if (this.electron.openWindows().length > 0) {
      this.quitting = false;
      return;
    }
    if (isStopped('will-quit')) return;
    this.ended = true;
    this.emit('quit');
  }
}

type Handler = (event: unknown, ...args: unknown[]) => Promise<unknown>;
type Guard = (...args: never[]) => unknown;

/** A stand-in for Electron that keeps what it was told. */
export class FakeElectron {
  readonly app = new FakeApp(this);
  readonly windows: FakeWindow[] = [];
  readonly openWindows = () => this.windows.filter((window) => !window.destroyed);
  readonly BrowserWindow: new (
    options: Record<string, unknown>,
  ) => FakeWindow;
  readonly handlers = new Map<string, Handler>();
  readonly ipcMain = {
    handle: (channel: string, handler: Handler) => void this.handlers.set(channel, handler),
  };
  privileged: { scheme: string; privileges: Record<string, boolean> }[] = [];
  answer: ((request: Request) => Promise<Response>) | null = null;
  readonly protocol = {
    registerSchemesAsPrivileged: (schemes: typeof this.privileged) => {
      if (this.app.log.includes('ready')) throw new Error('too late: the app is ready');
      this.privileged = schemes;
    },
    handle: (_scheme: string, answer: (request: Request) => Promise<Response>) => {
      this.answer = answer;
    },
  };
  readonly messages: { message: string; detail?: string; buttons?: string[] }[] = [];
  /** Buttons that the next messages are answered with. */
  responses: number[] = [];
  chosen: string[] = [];
  readonly fileDialogs: Record<string, unknown>[] = [];
  readonly dialog = {
    showMessageBox: async (...args: unknown[]) => {
      this.messages.push(args.at(-1) as (typeof this.messages)[number]);
      return { response: this.responses.shift() ?? 0 };
    },
    showOpenDialog: async (_window: unknown, options: Record<string, unknown>) => {
      this.fileDialogs.push(options);
      return { canceled: this.chosen.length === 0, filePaths: this.chosen };
    },
  };
  readonly guards: Record<string, Guard> = {};
  readonly session = {
    defaultSession: Object.assign(new EventEmitter(), {
      setPermissionRequestHandler: (guard: Guard) => void Object.assign(this.guards, { request: guard }),
      setPermissionCheckHandler: (guard: Guard) => void Object.assign(this.guards, { check: guard }),
      setDevicePermissionHandler: (guard: Guard) => void Object.assign(this.guards, { device: guard }),
    }),
  };
  readonly opened: string[] = [];
  readonly shell = { openExternal: async (url: string) => void this.opened.push(url) };
  storageBackend = 'gnome_libsecret';
  readonly safeStorage = {
    getSelectedStorageBackend: () => this.storageBackend,
    isAsyncEncryptionAvailable: async () => true,
    encryptStringAsync: async (text: string) =>
      Buffer.from([...Buffer.from(text)].map((byte) => byte ^ 0x5a)),
    decryptStringAsync: async (bytes: Buffer) => ({
      result: Buffer.from([...bytes].map((byte) => byte ^ 0x5a)).toString(),
      shouldReEncrypt: false,
    }),
  };
  readonly screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
  menu: unknown[] = [];
  readonly Menu = {
    buildFromTemplate: (template: unknown[]) => template,
    setApplicationMenu: (menu: unknown[]) => {
      this.menu = menu;
    },
  };
  constructor() {
    const electron = this;
    this.BrowserWindow = class extends FakeWindow {
      constructor(options: Record<string, unknown>) {
        super(electron, options);
        electron.windows.push(this);
        electron.app.emit('web-contents-created', new FakeEvent(), this.webContents);
      }
    };
  }
  /** The stand-in where the real parts are expected. */
  get parts(): ElectronParts {
    return this as unknown as ElectronParts;
  }
  /** Calls as the main frame of a window does. */
  call(window: FakeWindow, name: unknown, args: unknown): Promise<unknown> {
    const handler = this.handlers.get('fieldtune:call');
    if (!handler) throw new Error('nothing handles calls');
    return handler({ sender: window.webContents, senderFrame: window.webContents.mainFrame }, name, args);
  }
}

/** Resolves once the window has loaded a page. */
export async function untilLoaded(window: FakeWindow, url: string): Promise<void> {
  if (window.loaded.at(-1) === url) return;
  await new Promise<void>((resolve) => {
    const hear = (loaded: string): void => {
      if (loaded !== url) return;
      window.off('test:loaded', hear);
      resolve();
    };
    window.on('test:loaded', hear);
  });
}
