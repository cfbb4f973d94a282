import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/websocket';
import { RPC_PATH } from '@shared/api/wire';
import { type WebSocket, WebSocketServer } from 'ws';
import type { EngineRouter } from '../engine/router';
import { type Gate, isAuthorised, isOwnHost, isOwnOrigin, urlOf } from './guards';

/** Definitions of the largest clusters seen are some 20 MB. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
/** A view that reads nothing for so long that this much waits for it is cut off. Larger than one answer can be. */
const MAX_WAITING_BYTES = 2 * MAX_MESSAGE_BYTES;
const MAX_SOCKETS = 32;
const PING_EVERY_MS = 30_000;

export interface Sockets {
  /** For the server's `upgrade` event. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  close: () => Promise<void>;
}

/** Why an upgrade is refused, or null. */
function refusal(gate: Gate, request: IncomingMessage, open: number): { status: string; reason: string } | null {
  if (!isOwnHost(gate, request)) return { status: '421 Misdirected Request', reason: 'unknown host' };
  if (urlOf(request)?.pathname !== RPC_PATH) return { status: '404 Not Found', reason: 'no such path' };
  if (!isOwnOrigin(request)) return { status: '403 Forbidden', reason: 'a page of another origin' };
  if (!isAuthorised(gate, request)) return { status: '401 Unauthorized', reason: 'the token is missing or wrong' };
  if (open >= MAX_SOCKETS)
    return { status: '503 Service Unavailable', reason: `${MAX_SOCKETS} views are open already` };
  return null;
}

/** Carries the contract over WebSockets to whoever passes the gate. */
export function createSockets(router: EngineRouter, gate: () => Gate, onBadMessage: (error: unknown) => void): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });
  const handler = new RPCHandler(router);
  const alive = new WeakSet<WebSocket>();

  const pinging = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, PING_EVERY_MS);
  pinging.unref();

  server.on('connection', (socket) => {
    alive.add(socket);
    socket.on('pong', () => alive.add(socket));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => handler.close(socket));
    socket.on('message', (data, isBinary) => {
      if (socket.bufferedAmount > MAX_WAITING_BYTES) return socket.terminate();
      const message = isBinary ? data : data.toString();
      handler.message(socket, message as string).catch((error: unknown) => {
        onBadMessage(error);
        socket.close(1007, 'not a message of the contract');
      });
    });
  });

  return {
    upgrade(request, socket, head) {
      const refused = refusal(gate(), request, server.clients.size);
      if (refused) {
        socket.on('error', () => socket.destroy());
        socket.end(
          `HTTP/1.1 ${refused.status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${refused.reason.length}\r\n\r\n${refused.reason}`,
        );
        return;
      }
      server.handleUpgrade(request, socket, head, (accepted) => server.emit('connection', accepted, request));
    },
    async close() {
      clearInterval(pinging);
      for (const socket of server.clients) socket.close(1001, 'Tapline ends');
      await new Promise<void>((resolve) => {
        // Those who do not answer the closing handshake are not waited for.
        const cut = setTimeout(() => {
          for (const socket of server.clients) socket.terminate();
        }, 500);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
      });
    },
  };
}
