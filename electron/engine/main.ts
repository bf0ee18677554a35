/** The engine's process: one job, then it is thrown away. Its parent's channel is its only way in and out. */
import type { RunEvent } from '../contract/api.ts';
import type { EngineHost } from './host.ts';
import type { FromEngine, HostCall, ToEngine } from './messages.ts';

const controller = new AbortController();
const waiting = new Map<number, (value: unknown) => void>();
let nextId = 1;

const send = (message: FromEngine): void => void process.send?.(message);

function ask<T>(method: HostCall, ...args: readonly unknown[]): Promise<T> {
  const id = nextId++;
  send({ type: 'call', id, method, args });
  // The app answers each call with what the method of the same name gave.
  return new Promise((resolve) => waiting.set(id, resolve as (value: unknown) => void));
}

const host: EngineHost = {
  signal: controller.signal,
  time: (...args) => ask('time', ...args),
  profile: (...args) => ask('profile', ...args),
  peakMemory: (...args) => ask('peakMemory', ...args),
  recall: (...args) => ask('recall', ...args),
  record: (...args) => ask('record', ...args),
  saveCandidates: (...args) => ask('saveCandidates', ...args),
  event: (event: RunEvent) => send({ type: 'event', event }),
};

// The terminal's Ctrl+C reaches the whole group; the app decides what it means.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToEngine) => void receive(message));

async function receive(message: ToEngine): Promise<void> {
  switch (message.type) {
    case 'abort':
      return controller.abort();
    case 'answer': {
      waiting.get(message.id)?.(message.value);
      waiting.delete(message.id);
      return;
    }
    case 'optimize': {
      const { optimize } = await import('./optimize.ts');
      return send({ type: 'done', result: await optimize(message.job, host) });
    }
    case 'evaluate': {
      const { evaluatePair } = await import('./evaluate-pair.ts');
      return send({ type: 'done', result: await evaluatePair(message.job, host) });
    }
  }
}
