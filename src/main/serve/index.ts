import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { TOKEN_PARAMETER } from '@shared/api/wire';
import { Failure } from '@shared/failure';
import { defaultDataFolder } from '../engine/data-folder';
import { createEngine } from '../engine/engine';
import { errorCode } from '../engine/files';
import type { GivenConnection } from '../engine/given-connections';
import { memorySecrets } from '../engine/host';
import { contentPolicy, pageFolder, readPageFile } from '../engine/page-files';
import { TAPLINE_VERSION } from '../engine/version';
import { spawnSandbox } from '../sandbox/spawn';
import type { SpawnSandbox } from '../sandbox/start';
import { cookieHeader, type Gate, hasTokenInQuery, isAuthorised, isOwnHost, urlOf } from './guards';
import { createSockets } from './sockets';

export interface ServeOptions {
  /** Flow file to open; default: unsaved work of an earlier run, else the example. */
  flowPath?: string;
  /** Default 0: a free port. */
  port?: number;
  /** Default `127.0.0.1`. Any other address lets others reach the app; the token is then all that keeps them out. */
  host?: string;
  dataFolder?: string;
  /** By broker id. */
  connections?: Record<string, GivenConnection>;
  /** Default: a process of plain Node. */
  spawnSandbox?: SpawnSandbox;
  /** Folder of the built page; default `out/renderer`. */
  page?: string;
  /** Called with a sentence when the app can be reached from other machines; default: to stderr. */
  warn?: (sentence: string) => void;
  /** A client must have sent its request's head by then; default 10 s. */
  handshakeMs?: number;
}

export interface Served {
  /** With the token: whoever has it has the app. */
  url: string;
  close: () => Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const MAX_CONNECTIONS = 128;
const HANDSHAKE_MS = 10_000;

/** Serves the app to a browser. @throws Failure when the port is taken or the flow cannot be opened */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const host = options.host ?? '127.0.0.1';
  const page = options.page ?? pageFolder();
  const handshakeMs = options.handshakeMs ?? HANDSHAKE_MS;
  const engine = await createEngine(
    {
      version: TAPLINE_VERSION,
      dataFolder: options.dataFolder ?? defaultDataFolder(),
      secrets: memorySecrets(),
      variables: process.env,
      spawnSandbox: options.spawnSandbox ?? spawnSandbox,
    },
    { flowPath: options.flowPath, connections: options.connections },
  );
  const gate: Gate = { token: randomBytes(32).toString('base64url'), port: 0, host };
  const sockets = createSockets(
    engine.router,
    () => gate,
    (error) => engine.log.info({ err: error }, 'a message that could not be read'),
  );
  const server = createServer(
    {
      headersTimeout: handshakeMs,
      requestTimeout: handshakeMs,
      connectionsCheckingInterval: Math.min(2000, handshakeMs),
      maxHeaderSize: 16_384,
    },
    (request, response) => void answer(gate, page, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('upgrade', sockets.upgrade);
  try {
    gate.port = await listen(server, options.port ?? 0, host);
  } catch (error) {
    await engine.close();
    throw error;
  }
  if (!LOOPBACK.has(host)) {
    const warn = options.warn ?? ((sentence: string) => console.error(sentence));
    warn(
      `Warning: Tapline listens on ${host}: everyone who can reach this machine and has the URL can use it, unencrypted.`,
    );
  }
  return {
    url: `http://${shownHost(host)}:${gate.port}/?${TOKEN_PARAMETER}=${gate.token}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await sockets.close();
      server.closeAllConnections();
      await closed;
      await engine.close();
    },
  };
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, port, host)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenFailure(error: unknown, port: number, host: string): Failure {
  const code = errorCode(error);
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} is taken`,
    EACCES: `port ${port} needs more rights`,
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'this host name is unknown',
  };
  return new Failure('serve/cannot-listen', `Cannot listen on ${host}: ${(code && reasons[code]) ?? code}.`, {
    hint: 'Choose another with --port or --host.',
    cause: error,
  });
}

/** A host to put into the URL: an address of this machine where all were asked for. */
function shownHost(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host;
  const outward = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal);
  return outward?.address ?? '127.0.0.1';
}

const SIGN_IN = `<!doctype html><meta charset="utf-8"><title>Tapline</title>
<h1>Tapline</h1><p>Open the URL that <code>tapline serve</code> printed: it carries the token that this page needs.</p>`;

async function answer(gate: Gate, page: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers } = request;
  response.setHeader('Content-Security-Policy', contentPolicy([`ws://${headers.host}`]));
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cache-Control', 'no-store');
  const end = (status: number, text: string, type = 'text/plain; charset=utf-8') =>
    response.writeHead(status, { 'Content-Type': type }).end(text);

  if (!isOwnHost(gate, request)) {
    response.removeHeader('Content-Security-Policy');
    return void end(421, 'This is Tapline, under another name.');
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return void end(405, 'Only GET.');
  if (!isAuthorised(gate, request)) return void end(401, SIGN_IN, 'text/html; charset=utf-8');
  if (hasTokenInQuery(gate, request)) response.setHeader('Set-Cookie', cookieHeader(gate));

  const file = await readPageFile(page, urlOf(request)?.pathname ?? '/');
  if (!file.found) return void end(file.status, file.status === 403 ? 'Not allowed.' : 'Not found.');
  // Names of built files carry their hash; the entry is always fetched anew.
  if (!file.isEntry) response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.body.byteLength });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}
