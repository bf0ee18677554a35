import type { CallName, WindowEvent } from '../contract/calls.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { ServiceRequest } from './app-protocol.ts';
import { openServiceLink, type ServiceLink, serviceEnded } from './service-link.ts';
import type { ServiceAddress, ServiceProcess } from './service-process.ts';

/** The app behind the window, in a process of its own that can be started again. */
export interface Service {
  /** Passes a call on, once the service is up. */
  call(name: CallName, args: unknown): Promise<Result<unknown, AppError>>;
  /** Passes a request for a file on, once the service is up; throws when it does not answer. */
  ask(pathAndQuery: string, request: ServiceRequest): Promise<Response>;
  /** Starts it unless it runs. */
  start(): void;
  stop(): Promise<void>;
}

/** What hears of the service. */
export interface ServiceListener {
  onEvent(event: WindowEvent): void;
  /** It ended, or never came up, without having been told to. */
  onEnded(reason: string): void;
}

interface Running {
  readonly process: ServiceProcess;
  readonly up: Promise<Result<{ readonly address: ServiceAddress; readonly link: ServiceLink }, string>>;
}

/** Keeps one service running through `startProcess`. */
export function makeService(startProcess: () => ServiceProcess, listener: ServiceListener): Service {
  let running: Running | null = null;
  let stopping = false;

  const connect = async (process: ServiceProcess): Promise<Awaited<Running['up']>> => {
    const address = await process.address;
    if (!address.ok) return address;
    try {
      return ok({
        address: address.value,
        link: await openServiceLink(address.value, listener.onEvent),
      });
    } catch (error) {
      return fail(error instanceof Error ? error.message : String(error));
    }
  };

  /** Waits until this one cannot be spoken to any more, ends what is left of it and tells why. */
  const watch = async (current: Running): Promise<void> => {
    const up = await current.up;
    if (up.ok) await Promise.race([up.value.link.closed, current.process.ended]);
    const wanted = stopping;
    await current.process.stop();
    if (running === current) running = null;
    if (!wanted) listener.onEnded(up.ok ? await current.process.ended : up.error);
  };

  return {
    async call(name, args) {
      const up = await running?.up;
      return up?.ok ? up.value.link.call(name, args) : serviceEnded;
    },
    async ask(pathAndQuery, { method, headers, body }) {
      const up = await running?.up;
      if (!up?.ok) throw new Error('The service has ended');
      const { url, token } = up.value.address;
      return fetch(new URL(pathAndQuery, url), {
        method,
        headers: { ...headers, authorization: `Bearer ${token}` },
        redirect: 'error',
        ...(body === null ? {} : { body, duplex: 'half' as const }),
      });
    },
    start() {
      if (running !== null) return;
      stopping = false;
      const process = startProcess();
      const current: Running = { process, up: connect(process) };
      running = current;
      void watch(current);
    },
    async stop() {
      stopping = true;
      await running?.process.stop();
    },
  };
}
