import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Behaviour } from '@main/handlers/behaviour';
import { createHttp } from '@main/handlers/http';
import type { Json } from '@shared/flow/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goOn, messageOf, requestOf } from './messages';

interface Got {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let base: string;
let got: Got[];
let connections: number;
let answer: (response: ServerResponse, request: Got) => void;
const open: Behaviour[] = [];

beforeEach(async () => {
  got = [];
  connections = 0;
  answer = (response) => response.end('done');
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() };
      got.push(one);
      answer(response, one);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((behaviour) => behaviour.close()));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function http(settings: Record<string, Json> = {}, outputs: string[] = [], variables = {}) {
  const behaviour = await createHttp(requestOf({ http: { url: `${base}/orders`, ...settings } }, outputs, variables));
  open.push(behaviour);
  return (part: Parameters<typeof messageOf>[0] = {}, signal = goOn) => behaviour.handle(messageOf(part), signal);
}

describe('an http handler', () => {
  it('posts the body with what the message is', async () => {
    const handle = await http({ headers: [{ name: 'X-Key', value: 'k-{{var.STAGE}}' }] }, [], { STAGE: 'test' });
    const message = { type: 'OrderCreated', properties: { contentType: 'application/json' }, attempt: 2 };
    expect(await handle({ ...message, body: { a: 'ü' } })).toEqual({ forwards: [], logs: [] });
    expect(got[0]).toMatchObject({
      method: 'POST',
      path: '/orders',
      body: '{"a":"ü"}',
      headers: {
        'content-type': 'application/json',
        'x-message-id': 'm1',
        'x-message-type': 'OrderCreated',
        'x-routing-key': 'order.created',
        'x-attempt': '2',
        'x-key': 'k-test',
      },
    });
  });

  it('passes the message’s own headers on, but none that steer the connection or are no text', async () => {
    const handle = await http({ headers: [{ name: 'Tenant', value: 'mine' }] });
    await handle({
      headers: {
        region: 'zürich',
        level: 5,
        tenant: 'theirs',
        host: 'evil.example',
        'content-length': 99,
        'Transfer-Encoding': 'chunked',
        authorization: 'Bearer x',
        'x-death': [{ count: 1 }],
        'no name': 'x',
        split: 'a\r\nInjected: 1',
      },
    });
    const headers = got[0]?.headers ?? {};
    expect(headers).toMatchObject({ region: 'z%C3%BCrich', level: '5', tenant: 'mine', split: 'a%0D%0AInjected: 1' });
    for (const name of ['authorization', 'x-death', 'injected', 'transfer-encoding'])
      expect(headers[name]).toBeUndefined();
    expect(headers.host).toBe(new URL(base).host);
  });

  it('fills variables into the URL', async () => {
    const handle = await http({ url: `${base}/{{var.PATH}}/{{seq}}`, method: 'PUT' }, [], { PATH: 'v1' });
    await handle();
    await handle();
    expect(got.map(({ method, path }) => [method, path])).toEqual([
      ['PUT', '/v1/1'],
      ['PUT', '/v1/2'],
    ]);
  });

  it.each([
    [503, '2xx', 'http 503'],
    [404, '2xx', 'http 404'],
    [404, '2xx, 404', undefined],
    [200, '201-204', 'http 200'],
    [204, '201-204', undefined],
  ])('takes %d where %s are successes as %s', async (status, successStatuses, type) => {
    answer = (response) => response.writeHead(status).end();
    const handle = await http({ successStatuses });
    const outcome = await handle().then(
      () => undefined,
      (error: { type: string }) => error.type,
    );
    expect(outcome).toBe(type);
  });

  it('follows no redirect, and says so', async () => {
    answer = (response) => response.writeHead(302, { location: 'http://elsewhere.example/' }).end();
    const handle = await http();
    await expect(handle()).rejects.toMatchObject({
      type: 'http 302',
      message: expect.stringContaining('Redirects are not followed'),
    });
    expect(got).toHaveLength(1);
  });

  it('sends the response on when an output is chosen', async () => {
    answer = (response) => response.writeHead(200, { 'content-type': 'text/csv' }).end('a;b');
    const handle = await http({ responseOutput: 'out' }, ['out']);
    expect((await handle()).forwards).toEqual([{ link: 'to out', body: Buffer.from('a;b'), contentType: 'text/csv' }]);
  });

  it('fails when a response it should send on is too large, and does not read one it should not', async () => {
    answer = (response) => {
      const write = () => {
        while (response.writable && response.write(Buffer.alloc(64 * 1024)));
        if (response.writable) response.once('drain', write);
      };
      write();
    };
    const handle = await http({ responseOutput: 'out' }, ['out']);
    await expect(handle()).rejects.toMatchObject({ type: 'response too large' });
    expect(await (await http())()).toEqual({ forwards: [], logs: [] });
  });

  it('gives up after its time-out', async () => {
    answer = () => {};
    const handle = await http({ timeoutMs: 50 });
    await expect(handle()).rejects.toMatchObject({ name: 'HandlingFailed', type: 'timeout' });
  });

  it('gives up in the middle of a response, too', async () => {
    answer = (response) => response.writeHead(200).write('begun');
    const handle = await http({ timeoutMs: 100, responseOutput: 'out' }, ['out']);
    await expect(handle()).rejects.toMatchObject({ type: 'timeout' });
  });

  it('ends when the runtime says so', async () => {
    const stopping = new AbortController();
    answer = () => stopping.abort(new Error('stopped'));
    const handle = await http();
    await expect(handle({}, stopping.signal)).rejects.toThrow('stopped');
    await expect(handle({}, stopping.signal)).rejects.toThrow('stopped');
    expect(got).toHaveLength(1);
  });

  it.each(['nobody listens', 'the server hangs up', 'the response breaks off'])(
    'fails as network when %s',
    async (how) => {
      let url = `${base}/`;
      if (how === 'nobody listens') url = 'http://127.0.0.1:1/';
      if (how === 'the server hangs up') answer = (response) => response.socket?.destroy();
      if (how === 'the response breaks off') {
        answer = (response) => {
          response.writeHead(200, { 'content-length': 100 }).write('begun', () => response.socket?.destroy());
        };
      }
      const handle = await http({ url, responseOutput: 'out' }, ['out']);
      await expect(handle()).rejects.toMatchObject({ type: 'network' });
    },
  );

  it('keeps its connection open between messages', async () => {
    const handle = await http();
    for (let n = 0; n < 5; n++) await handle();
    expect([got.length, connections]).toEqual([5, 1]);
  });

  it.each<[Record<string, Json>, string]>([
    [{ url: '' }, '“http.url” is not valid: it is empty.'],
    [{ url: 'ftp://a/' }, '“http.url” is not valid: “ftp://a/” is no http or https address.'],
    [{ url: 'http://{{var.GONE}}/' }, 'The environment has no variable “GONE”.'],
    [{ url: 'http://a/{{secret:X}}' }, '“{{secret:X}}” is not a placeholder'],
    [{ headers: [{ name: 'a b', value: 'x' }] }, '“a b” is no name of an HTTP header.'],
    [{ successStatuses: 'good' }, '“good” is not like 2xx, 404, 300-303.'],
    [{ responseOutput: 'gone' }, 'The handler has no output “gone”: it has none yet.'],
    [{ timeoutMs: 0 }, '“http.timeoutMs” is not valid'],
  ])('refuses %j in one sentence', async (settings, message) => {
    await expect(http(settings)).rejects.toMatchObject({ name: 'Failure', message: expect.stringContaining(message) });
  });
});
