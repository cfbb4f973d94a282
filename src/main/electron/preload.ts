import { PORT_GLOBAL, PORT_MESSAGE, PORT_REQUEST } from '@shared/api/wire';
import { contextBridge, ipcRenderer } from 'electron';
import { CONNECT_CHANNEL, PORT_CHANNEL } from './channels';

/** The parts of the page's window used here; the rest of src/main has no DOM. */
interface PageWindow {
  location: { origin: string };
  addEventListener: (
    type: 'message',
    listener: (event: { source: unknown; data?: { type?: unknown } }) => void,
  ) => void;
  postMessage: (message: unknown, targetOrigin: string, transfer: unknown[]) => void;
}
declare const window: PageWindow;

// The page gets a MessagePort to the engine and nothing else: no ipcRenderer, no function of the host.
contextBridge.exposeInMainWorld(PORT_GLOBAL, true);

window.addEventListener('message', (event) => {
  if (event.source === window && event.data?.type === PORT_REQUEST) ipcRenderer.send(CONNECT_CHANNEL);
});

ipcRenderer.on(PORT_CHANNEL, (event) => {
  window.postMessage({ type: PORT_MESSAGE }, window.location.origin, event.ports);
});
