import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Served, serve } from '@main/serve/index';
import { RPC_PATH } from '@shared/api/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { connectTo } from '../../support/engine-client';
import { tempFolder } from '../../support/temp-folder';

const folder = tempFolder();
const page = join(folder, 'page');
let served: Served;
let url: URL;

beforeAll(async () => {
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>Tapline</title>');
  writeFileSync(join(page, 'assets', 'page-abc.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'outside');
  symlinkSync(join(folder, 'secret.txt'), join(page, 'link.txt'));
  served = await serve({ page, dataFolder: join(folder, 'data') });
  url = new URL(served.url);
});
afterAll(() => served.close());

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A plain request: unlike fetch it sends any Host header and leaves the path as it is. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: url.hostname, port: url.port, path, headers, method }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.once('error', reject);
    request.end();
  });
}

/** What became of a WebSocket's handshake: 101 or the status of its refusal. */
function handshake(path: string, options: { origin?: string; headers?: Record<string, string> } = {}): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${url.host}${path}`, options);
    socket.once('open', () => {
      socket.close();
      resolve(101);
    });
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', () => resolve(0));
  });
}

const token = () => url.search;
const cookie = () => `tapline-${url.port}=${url.searchParams.get('token')}`;

describe('the page', () => {
  it('opens with the token, and then with the cookie alone', async () => {
    const first = await get(`/${token()}`);
    expect(first.status).toBe(200);
    expect(first.body).toContain('<title>Tapline</title>');
    const [set = ''] = first.headers['set-cookie'] ?? [];
    expect(set).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    expect((await get('/', { cookie: set.split(';')[0] ?? '' })).status).toBe(200);
    expect((await get('/assets/page-abc.js', { cookie: cookie() })).headers['content-type']).toMatch(
      /^text\/javascript/,
    );
  });

  it('stays shut without the token, with a wrong one, and with the cookie of another port', async () => {
    expect((await get('/')).status).toBe(401);
    expect((await get('/assets/page-abc.js')).status).toBe(401);
    expect((await get('/?token=wrong')).status).toBe(401);
    expect((await get('/', { cookie: cookie().replace(url.port, '1') })).status).toBe(401);
    expect((await get('/')).headers['set-cookie']).toBeUndefined();
  });

  it('answers under its own address only, so that no other name can be pointed at it', async () => {
    expect((await get(`/${token()}`, { host: `localhost:${url.port}` })).status).toBe(200);
    expect((await get(`/${token()}`, { host: `[::1]:${url.port}` })).status).toBe(200);
    for (const host of [
      `evil.example:${url.port}`,
      'evil.example',
      '127.0.0.1:1',
      `127.0.0.1.evil.example:${url.port}`,
    ]) {
      expect((await get(`/${token()}`, { host })).status, host).toBe(421);
    }
  });

  it('takes GET and HEAD and nothing else', async () => {
    expect((await get('/', { cookie: cookie() }, 'HEAD')).status).toBe(200);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await get('/', { cookie: cookie() }, method)).status, method).toBe(405);
    }
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/link.txt',
    '/%00',
    '//etc/passwd',
    '/assets',
  ])('does not leave its folder by %s', async (path) => {
    const { status, body } = await get(path, { cookie: cookie() });
    expect([403, 404]).toContain(status);
    expect(body).not.toContain('outside');
  });

  it('says what it may load, and is not sniffed, framed or kept', async () => {
    const { headers } = await get('/', { cookie: cookie() });
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/default-src 'none'; script-src 'self';/);
    expect(policy).toContain(`connect-src 'self' ws://${url.host}`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });
});

describe('the WebSocket', () => {
  it('opens for the own page, by token or by cookie', async () => {
    expect(await handshake(`${RPC_PATH}${token()}`, { origin: url.origin })).toBe(101);
    expect(await handshake(RPC_PATH, { origin: url.origin, headers: { cookie: cookie() } })).toBe(101);
  });

  it('refuses pages of other origins even with the cookie, unknown hosts, and those without the token', async () => {
    const headers = { cookie: cookie() };
    expect(await handshake(RPC_PATH, { origin: 'https://evil.example', headers })).toBe(403);
    expect(await handshake(RPC_PATH, { origin: 'null', headers })).toBe(403);
    expect(await handshake(RPC_PATH, { origin: `http://127.0.0.1:1`, headers })).toBe(403);
    expect(await handshake(RPC_PATH, { headers: { ...headers, host: `evil.example:${url.port}` } })).toBe(421);
    expect(await handshake(RPC_PATH, { origin: url.origin })).toBe(401);
    expect(await handshake(`${RPC_PATH}?token=wrong`, { origin: url.origin })).toBe(401);
    expect(await handshake(`/other${token()}`, { origin: url.origin })).toBe(404);
  });

  it('carries the contract', async () => {
    const { engine, close } = await connectTo(served.url);
    expect(await engine.host.info()).toMatchObject({ fileDialogs: false, secretStore: 'memory' });
    expect((await engine.document.state()).flow.format).toBe(1);
    close();
  });

  it('cuts off whoever sends what is no message, or too much, and goes on serving others', async () => {
    const closed = (send: (socket: WebSocket) => void) =>
      new Promise<number>((resolve) => {
        const socket = new WebSocket(`ws://${url.host}${RPC_PATH}${token()}`, { origin: url.origin });
        socket.once('open', () => send(socket));
        socket.once('error', () => {});
        socket.once('close', resolve);
      });
    expect(await closed((socket) => socket.send('not json'))).toBe(1007);
    expect(await closed((socket) => socket.send(Buffer.alloc(33 * 1024 * 1024)))).toBe(1009);
    expect(await handshake(`${RPC_PATH}${token()}`, { origin: url.origin })).toBe(101);
  });

  it('has room for 32 views and refuses the next', async () => {
    const sockets = Array.from({ length: 32 }, () => new WebSocket(`ws://${url.host}${RPC_PATH}${token()}`));
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('open', resolve))));
    expect(await handshake(`${RPC_PATH}${token()}`)).toBe(503);
    await Promise.all(
      sockets.map((socket) => {
        const gone = new Promise((resolve) => socket.once('close', resolve));
        socket.close();
        return gone;
      }),
    );
    expect(await handshake(`${RPC_PATH}${token()}`)).toBe(101);
  });
});

describe('starting', () => {
  it('says that a port is taken, in one sentence', async () => {
    const again = serve({ page, dataFolder: join(folder, 'other'), port: Number(url.port) });
    await expect(again).rejects.toThrow(`Cannot listen on 127.0.0.1: port ${url.port} is taken.`);
  });

  it('warns when others can reach it, and only then', async () => {
    const warnings: string[] = [];
    const open = await serve({
      page,
      dataFolder: join(folder, 'open'),
      host: '0.0.0.0',
      warn: (text) => warnings.push(text),
    });
    await open.close();
    const local = await serve({ page, dataFolder: join(folder, 'local'), warn: (text) => warnings.push(text) });
    await local.close();
    expect(warnings).toEqual([
      expect.stringMatching(/^Warning: Tapline listens on 0\.0\.0\.0: everyone who can reach/),
    ]);
  });

  it('drops a client that never finishes its request', async () => {
    const impatient = await serve({ page, dataFolder: join(folder, 'impatient'), handshakeMs: 100 });
    const { port } = new URL(impatient.url);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: 127'));
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 408/);
    await impatient.close();
  });
});
