import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { RedisServer } from '@main/sandbox/redis/server';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { hasRedis } from '../../../support/redis';

const bugs: unknown[] = [];
const open: { close: () => unknown }[] = [];

async function start(options: Partial<ConstructorParameters<typeof RedisServer>[0]> = {}) {
  const server = new RedisServer({ password: 'secret', reportBug: (bug) => bugs.push(bug), ...options });
  const port = await server.listen();
  open.push(server);
  return { server, port, url: `redis://:secret@127.0.0.1:${port}` };
}

/** Sends raw text and collects what comes back until the server ends the connection or `until` is seen. */
function raw(port: number, text: string, until?: string): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      answer += String(chunk);
      if (until !== undefined && answer.includes(until)) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.write(text, 'latin1');
  });
}

/** Sends everything, then says that nothing more comes: a mutated length may make the server wait for ever. */
function mutated(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.end(text, 'latin1');
  });
}

afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
  expect(bugs.splice(0)).toEqual([]);
});

describe('who may talk to the sandbox', () => {
  it('lets nobody do anything without the password', async () => {
    const { port } = await start();
    expect(await raw(port, 'GET k\r\n', '\r\n')).toBe('-NOAUTH Authentication required.\r\n');
    expect(await raw(port, 'AUTH wrong\r\nQUIT\r\n')).toContain('-WRONGPASS');
    expect(await raw(port, 'AUTH someone secret\r\nQUIT\r\n')).toContain('-WRONGPASS');
    expect(await raw(port, 'AUTH secret\r\nGET k\r\nQUIT\r\n')).toBe('+OK\r\n$-1\r\n+OK\r\n');
  });

  it('cuts off a web page that talks HTTP to it', async () => {
    const { port } = await start();
    expect(await raw(port, 'POST / HTTP/1.1\r\nHost: x\r\n\r\nSET k v\r\n')).toBe('');
  });

  it('takes no large requests from strangers', async () => {
    const { port } = await start();
    expect(await raw(port, '*11\r\n')).toContain('unauthenticated multibulk length');
    expect(await raw(port, '*1\r\n$20000\r\n')).toContain('unauthenticated bulk length');
  });

  it('ends a connection that never logs in', async () => {
    const { port } = await start({ loginTimeoutMs: 20 });
    expect(await raw(port, '')).toBe('');
  });

  it('takes no more clients than it is told', async () => {
    const { port, url } = await start({ maxClients: 1 });
    const client = new Redis(url);
    expect(await client.ping()).toBe('PONG');
    expect(await raw(port, '')).toContain('max number of clients reached');
    client.disconnect();
  });
});

describe('memory', () => {
  it('refuses writes when it is full, and takes them again when there is room', async () => {
    const { url, server } = await start({ maxMemoryBytes: 10_000 });
    const client = new Redis(url);
    await client.xadd('s', '1-1', 'body', 'x'.repeat(20_000));
    await expect(client.xadd('s', '*', 'body', 'y')).rejects.toThrow(/^OOM/);
    expect(await client.xlen('s')).toBe(1);
    await client.xtrim('s', 'MAXLEN', 0);
    await client.xadd('s', '*', 'body', 'y');
    await client.flushall();
    expect(server.keyspace.usedBytes).toBe(0);
    client.disconnect();
  });

  it('is counted to the byte, whatever comes and goes', async () => {
    const { url, server } = await start();
    const client = new Redis(url);
    await client.set('k', 'value');
    await client.set('k', 'longer value');
    await client.xadd('s', '1-1', 'a', 'b');
    await client.xadd('s', 'MAXLEN', 1, '2-1', 'a', 'b');
    await client.xdel('s', '2-1');
    await client.hset('h', 'f', 'v');
    await client.zadd('z', 1, 'm');
    await client.del('k', 's', 'h', 'z');
    expect(server.keyspace.usedBytes).toBe(0);
    client.disconnect();
  });
});

it('survives 20,000 mutated requests', async () => {
  const { port, url } = await start();
  const valid = [
    '*1\r\n$4\r\nPING\r\n',
    '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n',
    '*4\r\n$4\r\nXADD\r\n$1\r\ns\r\n$1\r\n*\r\n$1\r\na\r\n',
  ];
  let seed = 12345;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (let round = 0; round < 200; round += 1) {
    let text = 'AUTH secret\r\n';
    for (let index = 0; index < 100; index += 1) {
      const bytes = [...(valid[random(valid.length)] ?? '')];
      for (let change = random(3); change > 0; change -= 1)
        bytes[random(bytes.length)] = String.fromCharCode(random(256));
      text += bytes.join('');
    }
    await mutated(port, text);
  }
  const client = new Redis(url);
  expect(await client.ping()).toBe('PONG');
  client.disconnect();
}, 60_000);

it.skipIf(!hasRedis || process.env.TAPLINE_TEST_REDIS_URL)('redis-cli can talk to it', async () => {
  const { port } = await start();
  const args = ['-p', String(port), '-a', 'secret', '--no-auth-warning'];
  // The server runs in this process, so the program must not block it.
  const cli = spawn('redis-cli', [...args, 'XADD', 'orders', '1-1', 'n', '1']);
  let out = '';
  cli.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  await new Promise((resolve) => cli.once('close', resolve));
  expect(out.trim()).toBe('1-1');
});
