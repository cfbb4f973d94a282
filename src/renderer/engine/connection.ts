import type { ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { PORT_GLOBAL, PORT_MESSAGE, PORT_REQUEST, RPC_PATH, TOKEN_PARAMETER } from '@shared/api/wire';
import { Failure } from '@shared/failure';
import { createStore, type StoreApi } from 'zustand/vanilla';

/** How the view stands with its engine. */
export type EngineStatus =
  | { state: 'connecting' }
  | { state: 'connected' }
  | { state: 'away'; attempt: number; nextAttemptAt: number };

type Link = ClientLink<Record<never, never>>;

/** A wire that is open, until `closed` resolves. */
interface OpenWire {
  link: Link;
  closed: Promise<void>;
}

export interface EngineConnection {
  status: StoreApi<EngineStatus>;
  /** The link to call through; waits for the first connection, and is refused while the engine is away. */
  link: () => Promise<Link>;
  isCurrent: (link: Link) => boolean;
  whenConnected: () => Promise<void>;
}

/** What a call is refused with while the engine is away. */
export function awayFailure(): Failure {
  return new Failure('engine/away', 'Tapline’s engine is not reachable at the moment.', {
    hint: 'It is being reconnected; try again when the banner is gone.',
    retryable: true,
  });
}

/** Delays between attempts, milliseconds; the last one repeats. */
const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 4000];

/** Connects to the engine over whatever wire this host offers, and again whenever it is lost. */
export function connectEngine(): EngineConnection {
  const status = createStore<EngineStatus>(() => ({ state: 'connecting' }));
  let current: Link | undefined;

  const whenConnected = () =>
    new Promise<void>((resolve) => {
      if (status.getState().state === 'connected') return resolve();
      const stop = status.subscribe((state) => {
        if (state.state !== 'connected') return;
        stop();
        resolve();
      });
    });

  async function keepConnected(): Promise<never> {
    for (let attempt = 0; ; ) {
      try {
        const wire = await openWire();
        current = wire.link;
        attempt = 0;
        status.setState({ state: 'connected' }, true);
        await wire.closed;
      } catch {
        // Not reached: the banner shows the attempt and when the next one is.
      }
      current = undefined;
      const delayMs = RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)] ?? 4000;
      attempt += 1;
      status.setState({ state: 'away', attempt, nextAttemptAt: Date.now() + delayMs }, true);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
  void keepConnected();

  return {
    status,
    whenConnected,
    isCurrent: (link) => link === current,
    link: async () => {
      if (status.getState().state === 'connecting') await whenConnected();
      if (current === undefined) {
        throw awayFailure();
      }
      return current;
    },
  };
}

function openWire(): Promise<OpenWire> {
  return PORT_GLOBAL in window ? openPort() : openSocket();
}

function openPort(): Promise<OpenWire> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent) => {
      const port = event.ports[0];
      if (event.source !== window || event.data?.type !== PORT_MESSAGE || port === undefined) return;
      window.removeEventListener('message', receive);
      const closed = new Promise<void>((ended) => port.addEventListener('close', () => ended()));
      const link: Link = new PortLink({ port });
      port.start();
      resolve({ link, closed });
    };
    window.addEventListener('message', receive);
    window.postMessage({ type: PORT_REQUEST }, '*');
  });
}

function openSocket(): Promise<OpenWire> {
  const url = new URL(RPC_PATH, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const token = new URLSearchParams(window.location.search).get(TOKEN_PARAMETER);
  if (token !== null) url.searchParams.set(TOKEN_PARAMETER, token);
  return new Promise((resolve, reject) => {
    const websocket = new WebSocket(url);
    const closed = new Promise<void>((ended) => websocket.addEventListener('close', () => ended()));
    websocket.addEventListener('open', () => resolve({ link: new SocketLink({ websocket }), closed }));
    void closed.then(() => reject(new Error('The engine did not answer.')));
  });
}
