import type {
  CallArguments,
  CallName,
  CallResult,
  WindowBridge,
  WindowEvent,
} from '../../electron/contract/calls.ts';
import { openSocketBridge } from './socket-bridge.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload script; a browser has none and talks over a socket. */
    readonly fieldtune?: WindowBridge;
  }
}

/** The window's line to the app. */
export interface Connection {
  call<N extends CallName>(name: N, args: CallArguments<N>): Promise<CallResult<N>>;
  onEvent(listener: (event: WindowEvent) => void): () => void;
  /** Tells whether the app can be reached; called at once and at every change. */
  onOnline(listener: (online: boolean) => void): () => void;
}

/** Opens the line that there is: the preload's bridge in Electron, else a socket to where the page came from. */
export function openConnection(): Connection {
  const bridge = window.fieldtune;
  if (!bridge) return openSocketBridge(`${location.origin.replace(/^http/, 'ws')}/socket`);
  return {
    // Both ends are one build: the bridge gives what the call's row in the contract says.
    call: <N extends CallName>(name: N, args: CallArguments<N>) =>
      bridge.call(name, args) as Promise<CallResult<N>>,
    onEvent: (listener) => bridge.onEvent(listener),
    onOnline: (listener) => {
      listener(true);
      return () => undefined;
    },
  };
}
