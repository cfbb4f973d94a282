import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import vm from 'node:vm';
import { CONNECT_CHANNEL, PORT_CHANNEL } from '@main/electron/channels';
import { PORT_GLOBAL, PORT_MESSAGE, PORT_REQUEST } from '@shared/api/wire';
import { beforeEach, describe, expect, it } from 'vitest';

const code = readFileSync(resolve(import.meta.dirname, '../../../out/preload/index.cjs'), 'utf8');

type Listener = (event: { source?: unknown; data?: unknown; ports?: unknown[] }) => void;

const exposed: Record<string, unknown> = {};
let sent: unknown[][];
let posted: unknown[][];
let onPage: Listener;
let onMain: Map<string, Listener>;
const page = {
  location: { origin: 'app://tapline' },
  addEventListener: (type: string, listener: Listener) => {
    if (type === 'message') onPage = listener;
  },
  postMessage: (...args: unknown[]) => void posted.push(args),
};

/** Runs the built preload as a sandboxed one runs: `require` knows electron and nothing else. */
beforeEach(() => {
  sent = [];
  posted = [];
  onMain = new Map();
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, value: unknown) => Object.assign(exposed, { [name]: value }) },
    ipcRenderer: {
      send: (...args: unknown[]) => void sent.push(args),
      on: (channel: string, listener: Listener) => void onMain.set(channel, listener),
    },
  };
  const require = (id: string) => {
    if (id === 'electron') return electron;
    throw new Error(`module not found: ${id}`);
  };
  const wrapped = vm.runInNewContext(`(function (require, module, exports, window) {${code}\n})`, {});
  wrapped(require, { exports: {} }, {}, page);
});

describe('the preload', () => {
  it('gives the page one flag and no function of the host', () => {
    expect(exposed).toEqual({ [PORT_GLOBAL]: true });
  });

  it('asks for a wire when the page asks, and only then', () => {
    onPage({ source: page, data: { type: PORT_REQUEST } });
    expect(sent).toEqual([[CONNECT_CHANNEL]]);
    onPage({ source: {}, data: { type: PORT_REQUEST } });
    onPage({ source: page, data: { type: 'anything else' } });
    onPage({ source: page, data: null });
    expect(sent).toHaveLength(1);
  });

  it('passes the port on to its own page, and nothing of the event', () => {
    const port = { port: true };
    onMain.get(PORT_CHANNEL)?.({ ports: [port], data: 'must not leak' });
    expect(posted).toEqual([[{ type: PORT_MESSAGE }, 'app://tapline', [port]]]);
    expect([...onMain.keys()]).toEqual([PORT_CHANNEL]);
  });

  it('stays small: no schema library rides along', () => {
    expect(code.length).toBeLessThan(4000);
  });
});
