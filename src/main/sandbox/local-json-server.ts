import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Bodies above this are refused: definitions of some ten thousand objects fit. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface JsonResponse {
  status: number;
  body?: unknown;
}

export const NOT_FOUND: JsonResponse = { status: 404, body: { error: 'Object Not Found', reason: 'Not Found' } };
export const ok = (body: unknown): JsonResponse => ({ status: 200, body });

export function badRequest(reason: string): JsonResponse {
  return { status: 400, body: { error: 'bad_request', reason } };
}

export interface LocalJsonServerOptions {
  accepts: (user: string, password: string) => boolean;
  /** May throw SyntaxError for a body that is not JSON; anything else that is thrown is a bug. */
  answer: (method: string, url: string, body: string) => JsonResponse;
  reportBug: (error: unknown) => void;
}

/** A sandbox's HTTP endpoints: JSON, on loopback, for who knows its user and password. */
export class LocalJsonServer {
  private readonly server: Server;

  constructor(private readonly options: LocalJsonServerOptions) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        options.reportBug(error);
        send(response, { status: 500, body: { error: 'internal_server_error', reason: 'a bug in the sandbox' } });
      });
    });
    this.server.headersTimeout = 10_000;
    this.server.requestTimeout = 60_000;
  }

  /** 0 picks a free port; answers the port. Throws when it is taken. */
  listen(port = 0, host = '127.0.0.1'): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        const address = this.server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page in a browser must not reach it through DNS rebinding: only loopback names are answered.
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(host))
      return send(response, { status: 403, body: { error: 'forbidden', reason: 'unknown Host' } });
    if (!this.isAuthorised(request)) {
      response.setHeader('www-authenticate', 'Basic realm="Tapline sandbox"');
      return send(response, { status: 401, body: { error: 'not_authorized', reason: 'Login failed' } });
    }
    const body = await readBody(request);
    if (body === null)
      return send(response, {
        status: 413,
        body: { error: 'too_large', reason: `bodies hold at most ${MAX_BODY_BYTES} bytes` },
      });
    try {
      send(response, this.options.answer(request.method ?? 'GET', request.url ?? '/', body));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      send(response, badRequest(error.message));
    }
  }

  private isAuthorised(request: IncomingMessage): boolean {
    const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'basic') return false;
    const credentials = Buffer.from(encoded, 'base64').toString();
    const colon = credentials.indexOf(':');
    return colon > 0 && this.options.accepts(credentials.slice(0, colon), credentials.slice(colon + 1));
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, { status, body }: JsonResponse): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body === undefined ? '' : toJson(body));
}

/** Marks whole numbers that JSON can hold but JavaScript's numbers cannot; nobody can guess it. */
const WHOLE_NUMBER = randomUUID();
const MARKED = new RegExp(`"${WHOLE_NUMBER}(-?[0-9]+)"`, 'g');

/** JSON in which a bigint is a number. */
function toJson(body: unknown): string {
  let isMarked = false;
  const text = JSON.stringify(body, (_, value) => {
    if (typeof value !== 'bigint') return value;
    isMarked = true;
    return WHOLE_NUMBER + value;
  });
  return isMarked ? text.replace(MARKED, '$1') : text;
}
