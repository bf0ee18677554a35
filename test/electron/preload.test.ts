import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import type { WindowBridge } from '../../electron/contract/calls.ts';

const { exposed, ipcRenderer, invoked } = vi.hoisted(() => {
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  const invoked: unknown[][] = [];
  return {
    exposed: {} as Record<string, unknown>,
    invoked,
    ipcRenderer: {
      invoke: async (...args: unknown[]) => {
        invoked.push(args);
        return 'answer';
      },
      on: (channel: string, listener: (...args: unknown[]) => void) => {
        listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
      },
      off: (channel: string, listener: (...args: unknown[]) => void) =>
        listeners.get(channel)?.delete(listener),
      emit: (channel: string, ...args: unknown[]) => {
        for (const listener of listeners.get(channel) ?? []) listener(...args);
      },
    },
  };
});

vi.mock('electron', () => ({
  contextBridge: {
    exposeInMainWorld: (name: string, value: unknown) => Object.assign(exposed, { [name]: value }),
  },
  ipcRenderer,
}));

test('the page gets two functions, no channel of its choice, and no event object of Electron', async () => {
  await import('../../electron/preload.ts');
  expect(Object.keys(exposed)).toEqual(['fieldtune']);
  const bridge = exposed.fieldtune as WindowBridge;
  expect(Object.keys(bridge).sort()).toEqual(['call', 'onEvent']);

  expect(await bridge.call('jobs.list', {})).toBe('answer');
  expect(invoked).toEqual([['fieldtune:call', 'jobs.list', {}]]);

  const heard: unknown[][] = [];
  const stop = bridge.onEvent((...args) => heard.push(args));
  const event = { kind: 'changed', what: 'runs' };
  ipcRenderer.emit('fieldtune:event', { sender: new EventEmitter() }, event);
  ipcRenderer.emit('other:channel', {}, event);
  stop();
  ipcRenderer.emit('fieldtune:event', {}, event);
  expect(heard).toEqual([[event]]);
});
