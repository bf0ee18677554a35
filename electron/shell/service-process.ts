import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { fail, ok, type Result } from '../contract/result.ts';

const addressSchema = z.object({
  url: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost|\[::1\])$/ }),
  token: z.string().min(16),
  port: z.int().min(1).max(65_535),
});

/** Where a service listens on this computer, and what lets a caller in. */
export type ServiceAddress = z.infer<typeof addressSchema>;

/** A service that was started. */
export interface ServiceProcess {
  /** Its address once it listens; the error says why it does not. */
  readonly address: Promise<Result<ServiceAddress, string>>;
  /** Why it ended, in its own last words where it had any. */
  readonly ended: Promise<string>;
  /** Lets it end by itself, and after `graceMs` ends it. */
  stop(): Promise<void>;
}

/** How to start a service. */
export interface ServiceCommand {
  readonly node: string;
  readonly service: string;
  readonly env: NodeJS.ProcessEnv;
  /** Folder that the results of runs are put under; made when missing. */
  readonly folder: string;
  readonly graceMs?: number;
}

const defaultGraceMs = 5_000;
const keptComplaintChars = 8_000;

/** Starts the service in the plain Node; it lives no longer than its standard input is open. */
export function startServiceProcess(command: ServiceCommand): ServiceProcess {
  // Options of this process are not the service's, and no Electron that it may start is to be a Node.
  const { NODE_OPTIONS: _, ELECTRON_RUN_AS_NODE: __, ...environment } = command.env;
  const unusable = makeFolder(command.folder);
  if (unusable !== null) return neverStarted(unusable);
  const child = spawn(command.node, [command.service, '--for-electron'], {
    cwd: command.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
    windowsHide: true,
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-keptComplaintChars);
  });
  // Its end shows that nobody reads; what is written then has nowhere to go.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(complaints.trim() || (signal ? `ended by ${signal}` : `exit code ${code}`)),
    );
  });
  const lines = createInterface({ input: child.stdout });
  const address = new Promise<Result<ServiceAddress, string>>((resolve) => {
    lines.once('line', (line) => resolve(readAddress(line)));
    void ended.then((reason) => resolve(fail(reason)));
  });
  return {
    address,
    ended,
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), command.graceMs ?? defaultGraceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Makes a folder; says why it cannot be had, or null. */
function makeFolder(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true });
    return null;
  } catch (error) {
    return `the folder for results cannot be made: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const neverStarted = (reason: string): ServiceProcess => ({
  address: Promise.resolve(fail(reason)),
  ended: Promise.resolve(reason),
  stop: async () => undefined,
});

function readAddress(line: string): Result<ServiceAddress, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return fail(`not an address: ${line.slice(0, 200)}`);
  }
  const parsed = addressSchema.safeParse(value);
  return parsed.success ? ok(parsed.data) : fail(`not an address: ${z.prettifyError(parsed.error)}`);
}
