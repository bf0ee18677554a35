import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron';
import type { WindowBridge, WindowEvent } from './contract/calls.ts';
import { callChannel, eventChannel } from './shell/channels.ts';

const bridge: WindowBridge = {
  call: (name, args) => ipcRenderer.invoke(callChannel, name, args),
  onEvent(listener) {
    // The event of Electron holds the sender, which is no page's business.
    const pass = (_event: IpcRendererEvent, event: WindowEvent): void => listener(event);
    ipcRenderer.on(eventChannel, pass);
    return () => {
      ipcRenderer.off(eventChannel, pass);
    };
  },
};

contextBridge.exposeInMainWorld('fieldtune', bridge);
