import type { Behaviour, Handled } from '@main/handlers/behaviour';
import { createScript } from '@main/handlers/script';
import type { Json } from '@shared/flow/schema';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { goOn, messageOf, requestOf } from './messages';

const open: Behaviour[] = [];

/** Keeps the thread from ending between two tests. */
let keeper: Behaviour;
beforeAll(async () => {
  keeper = await createScript(requestOf({ script: {} }));
});
afterAll(() => keeper.close());

afterEach(async () => {
  await Promise.all(open.splice(0).map((behaviour) => behaviour.close()));
});

async function script(code: string, outputs: string[] = ['out'], more: Record<string, Json> = {}) {
  const behaviour = await createScript(requestOf({ script: { code, ...more } }, outputs));
  open.push(behaviour);
  return (part: Parameters<typeof messageOf>[0] = {}) => behaviour.handle(messageOf(part), goOn);
}

/** Forwards with their bodies as text. */
const sent = ({ forwards }: Handled) => forwards.map(({ body, ...rest }) => ({ ...rest, body: body.toString() }));

describe('a script', () => {
  it('gets the message and publishes by output', async () => {
    const handle = await script(
      `
      interface Order { total: number }
      export default function (message: { key: string; body: Order }, ctx: any): void {
        ctx.log('got', message.key, message.body, ctx.attempt);
        if (message.body.total > 100) ctx.publish('big', { total: message.body.total }, { key: 'big.' + message.key, headers: { a: 1 } });
      }`,
      ['big'],
    );
    const handled = await handle({ body: { total: 500 }, attempt: 2 });
    expect(handled.logs).toEqual(['got order.created {"total":500} 2']);
    expect(sent(handled)).toEqual([
      {
        link: 'to big',
        body: '{"total":500}',
        routingKey: 'big.order.created',
        headers: { a: 1 },
        contentType: 'application/json',
      },
    ]);
    expect(sent(await handle({ body: { total: 5 } }))).toEqual([]);
  });

  it('sees all there is of a message', async () => {
    const handle = await script('ctx.log(message)');
    const { logs } = await handle({
      type: 'OrderCreated',
      exchange: 'orders',
      headers: { region: 'eu' },
      properties: { priority: 5 },
      body: { total: 1 },
    });
    expect(JSON.parse(logs[0] ?? '')).toEqual({
      id: 'm1',
      key: 'order.created',
      type: 'OrderCreated',
      headers: { region: 'eu' },
      properties: { priority: 5 },
      body: { total: 1 },
      encoding: 'json',
      attempt: 1,
      redelivered: false,
      source: 'orders',
      exchange: 'orders',
    });
  });

  it.each<[string, Buffer | string, Record<string, Json>, string]>([
    ['JSON', '{"a":[1]}', {}, 'json {"a":[1]}'],
    ['text that is no JSON', 'hello', {}, 'text hello'],
    ['text by its content type', '123', { contentType: 'text/plain' }, 'text 123'],
    ['bytes', Buffer.from([0xff, 0x00]), {}, 'base64 /wA='],
    ['nothing', '', {}, 'text '],
  ])('gets a body of %s', async (_, body, properties, line) => {
    const handle = await script('ctx.log(message.encoding, message.body)');
    expect((await handle({ body, properties })).logs).toEqual([line]);
  });

  it('may be the body of a function, with or without await', async () => {
    const plain = await script("ctx.publish('out', message.body.n * 2)");
    const waiting = await script("const n = await Promise.resolve(message.body.n);\nctx.publish('out', n * 3)");
    expect(sent(await plain({ body: { n: 2 } }))[0]?.body).toBe('4');
    expect(sent(await waiting({ body: { n: 2 } }))[0]?.body).toBe('6');
  });

  it('may be asynchronous', async () => {
    const handle = await script(`
      const double = async (n) => n * 2;
      export default async (message, ctx) => {
        const all = await Promise.all([1, 2, 3].map(double));
        ctx.publish('out', all);
      }`);
    expect(sent(await handle())[0]?.body).toBe('[2,4,6]');
  });

  it('sends on what it returns when it has one output', async () => {
    const handle = await script('return { ...message.body, seen: true }');
    expect(sent(await handle({ body: { a: 1 } }))).toEqual([
      { link: 'to out', body: '{"a":1,"seen":true}', contentType: 'application/json' },
    ]);
    const several = await script('return 1', ['a', 'b']);
    await expect(several()).rejects.toThrow('the handler has 2: use ctx.publish, or return nothing');
  });

  it('sends the message on when it returns it, with what was changed', async () => {
    const handle = await script("message.key = 'new.' + message.key; return message");
    const headers = { 'x-death': [{ count: 1 }] };
    expect(sent(await handle({ body: { a: 1 }, headers }))).toEqual([
      { link: 'to out', body: '{"a":1}', routingKey: 'new.order.created', contentType: 'application/json' },
    ]);
    const binary = await script('return message');
    const [forward] = (await binary({ body: Buffer.from([0xff, 0x01]) })).forwards;
    expect([...(forward?.body ?? [])]).toEqual([0xff, 0x01]);
  });

  it('publishes text, bytes and other content types', async () => {
    const handle = await script(`
      ctx.publish('out', 'hello');
      ctx.publish('out', '/wA=', { base64: true });
      ctx.publish('out', '<a/>', { contentType: 'application/xml' });`);
    const { forwards } = await handle();
    expect(forwards.map(({ body, contentType }) => [contentType, body.toString('hex')])).toEqual([
      ['text/plain', Buffer.from('hello').toString('hex')],
      ['application/octet-stream', 'ff00'],
      ['application/xml', Buffer.from('<a/>').toString('hex')],
    ]);
  });

  it.each([
    [
      "ctx.publish('gone', 1)",
      'UnknownOutput: The handler has no output “gone”: its outputs are “out”. (line 1, column 12)',
    ],
    ["ctx.publish('out')", 'ctx.publish(“out”) was given no body. (line 1, column 12)'],
    [
      "ctx.publish('out', 1, { routingKey: 'a' })",
      'ctx.publish has no option “routingKey”; there are key, headers, contentType and base64. (line 1, column 12)',
    ],
    [
      "ctx.publish('out', 1, { headers: 'a' })",
      'The option headers of ctx.publish must be a table. (line 1, column 12)',
    ],
    [
      "ctx.publish('out', new Uint8Array(2))",
      'ctx.publish takes bytes as base64 text, with the option base64: true. (line 1, column 12)',
    ],
    ["throw new Error('no stock')", 'no stock (line 1, column 16)'],
    ['\n\nmessage.a.b()', "TypeError: cannot read property 'b' of undefined (line 3, column 10)"],
    [
      'const a: number = 1;\nconst b: string = message.a.b;',
      "TypeError: cannot read property 'b' of undefined (line 2)",
    ],
    ["throw 'just text'", 'just text'],
    ["await Promise.reject(new TypeError('later'))", 'TypeError: later (line 1, column 35)'],
  ])('%s fails as: %s', async (code, message) => {
    const handle = await script(code);
    await expect(handle()).rejects.toMatchObject({ name: 'HandlingFailed', message });
  });

  it('names the class of the failure for retry policies, and keeps the lines written before', async () => {
    const handle = await script(`
      class OutOfStock extends Error { name = 'OutOfStock' }
      export default (message, ctx) => { ctx.log('looking'); ctx.publish('out', 1); throw new OutOfStock('none left'); }`);
    await expect(handle()).rejects.toMatchObject({ type: 'OutOfStock', logs: ['looking'] });
  });

  it.each([
    ['export default function (message { }', /^The script does not start: .*\(line 1, column 34\)$/],
    ['if (message.body.total > 1 {\n}', /\(line 1, column 28\)$/],
    ['if (true) {', 'The script does not start: The script ends before it is complete. (line 1)'],
    ['\nlet a = 1;\nlet a = 2;', /line 3/],
    ['export const a = 1', 'The script exports no function: write export default function (message, ctx) { … }.'],
    ["import fs from 'node:fs';\nexport default () => fs", /could not load module/],
    ['export default null.x', /cannot read property 'x' of null \(line 1/],
    ['await 1;\nexport default () => 1', /exports no function/],
  ])('%j does not start, and says why', async (code, message) => {
    await expect(createScript(requestOf({ script: { code } }))).rejects.toMatchObject({
      name: 'Failure',
      message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
    });
  });

  it('handles messages of many handlers side by side, each its own', async () => {
    const handlers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => script(`let count = 0;\nexport default () => [${n}, ++count]`)),
    );
    const all = await Promise.all(handlers.flatMap((handle) => Array.from({ length: 100 }, () => handle())));
    const bodies = all.map((handled) => JSON.parse(sent(handled)[0]?.body ?? '') as [number, number]);
    for (let n = 0; n < 8; n++) {
      const counts = bodies.filter(([handler]) => handler === n).map(([, count]) => count);
      expect(counts).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    }
  });

  it('rejects a message that is aborted, also one that waits', async () => {
    const behaviour = await createScript(requestOf({ script: { code: 'return 1' } }, ['out']));
    open.push(behaviour);
    const stopping = new AbortController();
    const waiting = behaviour.handle(messageOf(), stopping.signal);
    stopping.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(behaviour.handle(messageOf(), stopping.signal)).rejects.toThrow('stopped');
    expect((await behaviour.handle(messageOf(), goOn)).forwards).toHaveLength(1);
  });

  it('rejects what waits when it is closed', async () => {
    const behaviour = await createScript(requestOf({ script: { code: 'for (;;);' } }));
    const waiting = behaviour.handle(messageOf(), goOn);
    const outcome = expect(waiting).rejects.toThrow('closed');
    await behaviour.close();
    await outcome;
  });
});
