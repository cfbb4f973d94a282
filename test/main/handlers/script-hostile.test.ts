import type { Behaviour } from '@main/handlers/behaviour';
import { createScript } from '@main/handlers/script';
import type { Json } from '@shared/flow/schema';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { goOn, messageOf, requestOf } from './messages';

const MEMORY = { memoryLimitMb: 8 };
/** Classes of failure a greedy script may end in: a busy machine may run out of time first, or of memory for an error. */
const GREED = /^(memory|timeout|Error)$/;
/** For attacks on time: they use all of it. */
const SHORT = { timeLimitMs: 200, ...MEMORY };
const MEDIUM = { timeLimitMs: 3000, ...MEMORY };
/** For the others, on a machine that may be busy. */
const LONG = { timeLimitMs: 10_000, ...MEMORY };

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

async function script(code: string, limits: Record<string, Json> = LONG) {
  const behaviour = await createScript(requestOf({ script: { code, ...limits } }, ['out']));
  open.push(behaviour);
  return (body: Json = {}) => behaviour.handle(messageOf({ body }), goOn);
}

/** Does harm when the message says so, else answers `ok`. */
const harmful = (harm: string, limits?: Record<string, Json>) =>
  script(`if (message.body.harm) { ${harm} }\nreturn 'ok'`, limits);

const answers = (handled: { forwards: { body: Buffer }[] }) => handled.forwards.map(({ body }) => body.toString());

/** Each with the class of failure it ends in; undefined where it is harmless, but must not spoil what comes after. */
const ATTACKS: [string, string, string | RegExp | undefined][] = [
  ['an endless loop', 'for (;;);', 'timeout'],
  ['an endless loop that catches everything', 'for (;;) try { for (;;); } catch {}', 'timeout'],
  [
    'an endless loop in an asynchronous function',
    'await (async () => { for (;;); })().catch(() => {}); for (;;);',
    'timeout',
  ],
  ['endless promises', 'const f = () => Promise.resolve().then(f); await f();', 'timeout'],
  ['an endless await', 'for (;;) await null;', 'timeout'],
  ['a promise that nothing resolves', 'await new Promise(() => {});', 'never-resolves'],
  ['a thenable that nothing resolves', 'return { then() {} };', 'never-resolves'],
  ['a thenable that loops', 'return { then() { for (;;); } };', 'timeout'],
  ['an endless getter of an error', 'throw { get name() { for (;;); } };', 'timeout'],
  ['an endless toJSON', "ctx.publish('out', { toJSON() { for (;;); } });", 'timeout'],
  ['a bomb of text', "let s = 'x'; for (;;) s += s;", 'InternalError'],
  ['a bomb of lists', 'const a = []; for (;;) a.push(new Array(10000).fill(1));', GREED],
  ['a bomb of typed arrays', 'const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1));', GREED],
  ['a bomb of objects', 'let a = {}; for (;;) a = { a, b: [a] };', GREED],
  ['one huge array', 'new Uint8Array(2 ** 31 - 1)', GREED],
  ['one huge text', "'x'.repeat(2 ** 29)", GREED],
  ['a regular expression that backtracks for ever', "/^(a+)+$/.test('a'.repeat(40) + 'b');", 'timeout'],
  ['a regular expression of a hundred thousand groups', "new RegExp('('.repeat(1e5) + ')'.repeat(1e5));", undefined],
  ['deep recursion', 'const f = () => f() + 1; f();', 'InternalError'],
  ['deep JSON', "JSON.parse('['.repeat(1e6));", 'SyntaxError'],
  ['a proxy without end', "ctx.publish('out', new Proxy({}, { ownKeys() { for (;;); } }));", 'timeout'],
  ['sorting against time', 'new Array(1e6).fill(0).map(Math.random).sort(() => Math.random() - 0.5);', undefined],
  ['more than 1000 publishes', "for (let i = 0; i < 1001; i++) ctx.publish('out', i);", 'TooMuch'],
  ['huge publishes', "for (let i = 0; i < 1000; i++) ctx.publish('out', 'x'.repeat(10000));", undefined],
  ['throwing nothing', 'throw undefined;', 'Error'],
  ['throwing a symbol', 'throw Symbol();', 'Error'],
  ['throwing a proxy', 'throw new Proxy({}, { get() { throw 1; } });', 'Error'],
];

const GAMES: [string, string][] = [
  [
    'Object.prototype',
    "Object.prototype.body = 1; Object.prototype.toJSON = () => 'no'; Object.prototype.then = () => {};",
  ],
  [
    'setters on Object.prototype',
    "for (const k of ['body', 'publishes', 'failure', 'key']) Object.defineProperty(Object.prototype, k, { set() { throw 1; }, configurable: true });",
  ],
  [
    'Array.prototype',
    "Array.prototype.push = () => { throw 1; }; Object.defineProperty(Array.prototype, '0', { set() { throw 1; } });",
  ],
  ['JSON', 'JSON.parse = JSON.stringify = () => { throw 1; };'],
  ['Reflect and Map', 'Reflect.apply = Map.prototype.has = () => { throw 1; };'],
  ['String.prototype', 'String.prototype.slice = String.prototype.startsWith = () => { throw 1; };'],
  [
    'frozen globals',
    'for (const k of Object.getOwnPropertyNames(globalThis)) { try { Object.freeze(globalThis[k]); } catch {} } Object.freeze(globalThis);',
  ],
  [
    'deleted globals',
    'for (const k of Object.getOwnPropertyNames(globalThis)) { try { delete globalThis[k]; } catch {} }',
  ],
  ['ctx', 'Object.setPrototypeOf(ctx, null); ctx.publish = null; ctx.outputs = 5;'],
];

describe('a hostile script', () => {
  it.each(ATTACKS)('with %s is stopped, and its next message is handled', async (_, harm, type) => {
    const handle = await harmful(harm, type === 'timeout' ? SHORT : type instanceof RegExp ? MEDIUM : LONG);
    const outcome = await handle({ harm: true }).then(
      () => undefined,
      (error: { name: string; type: string }) => error,
    );
    if (type !== undefined) {
      expect(outcome).toMatchObject({ type: type instanceof RegExp ? expect.stringMatching(type) : type });
    }
    expect(answers(await handle())).toEqual(['ok']);
  });

  it.each(GAMES)('that plays with %s spoils no message of its own', async (_, harm) => {
    const handle = await harmful(harm);
    await handle({ harm: true }).catch(() => {});
    expect(answers(await handle())).toEqual(['ok']);
    expect(answers(await handle({ other: 1 }))).toEqual(['ok']);
  });

  it.each(GAMES)('that plays with %s before the first message reaches no other handler', async (_, harm) => {
    const healthy = await script("return 'ok'");
    const behaviour = await createScript(
      requestOf({ script: { code: `const ctx = {};\n${harm}\nexport default () => 'mine'`, ...LONG } }, ['out']),
    ).catch(() => undefined);
    if (behaviour) open.push(behaviour);
    await behaviour?.handle(messageOf(), goOn).catch(() => {});
    expect(answers(await healthy())).toEqual(['ok']);
  });

  it('reaches nothing of the machine', async () => {
    const names = [
      'process',
      'require',
      'module',
      'global',
      'Buffer',
      'fetch',
      'XMLHttpRequest',
      'WebSocket',
      'setTimeout',
      'setInterval',
      'setImmediate',
      'queueMicrotask',
      'console',
      'performance',
      'WebAssembly',
      'SharedArrayBuffer',
      'Atomics',
      'Worker',
      'Deno',
      'Bun',
      'std',
      'os',
      'scriptArgs',
      'print',
      'postMessage',
      'importScripts',
    ];
    const handle = await script(`ctx.log(${JSON.stringify(names)}.filter((name) => name in globalThis));`);
    expect((await handle()).logs).toEqual(['[]']);
  });

  it.each([
    ["(() => {}).constructor('return typeof process')()"],
    ["ctx.publish.constructor('return typeof process')()"],
    ["(async () => {}).constructor('return typeof process')()"],
    ["(0, eval)('typeof require')"],
    ["new Error().stack.constructor.constructor('return typeof process')()"],
    ["await import('node:fs').then(() => 'loaded', () => 'undefined')"],
    ["await import('data:text/javascript,export default 1').then(() => 'loaded', () => 'undefined')"],
    ["new Proxy(ctx.log, {}).constructor('return typeof globalThis.process')()"],
    ["(Error.prepareStackTrace = (e, s) => s, typeof new Error().stack === 'string' ? 'undefined' : 'frames')"],
    ["typeof globalThis.constructor.constructor('return this')().process"],
  ])('does not escape by %s', async (expression) => {
    const handle = await script(`export default async function (message, ctx) { ctx.log(await ${expression}); }`);
    expect((await handle()).logs).toEqual(['undefined']);
  });

  it('keeps a hundred lines of a log without end, and counts the rest', async () => {
    const handle = await script("for (let i = 0; i < 5000; i++) ctx.log('x'.repeat(3000));", {});
    const { logs } = await handle();
    expect(logs).toHaveLength(101);
    expect(logs[0]).toBe(`${'x'.repeat(2000)}… (3000 characters)`);
    expect(logs[100]).toBe('… and 4900 more lines, which are not kept: at most 100 for one message.');
  });

  it('fails in one sentence when it publishes too much', async () => {
    const handle = await script("for (let i = 0; i < 900; i++) ctx.publish('out', 'x'.repeat(10000));", {
      timeLimitMs: 10_000,
      memoryLimitMb: 128,
    });
    await expect(handle()).rejects.toThrow(
      'TooMuch: The script published more than 8 million characters for one message.',
    );
  });

  it('fails a message that is too large for its memory, and handles the next', async () => {
    const handle = await script("return 'ok'");
    await expect(handle('x'.repeat(5_000_000))).rejects.toThrow(
      'The message is too large for the script: it needs more memory than its limit of 8 MB.',
    );
    expect(answers(await handle())).toEqual(['ok']);
  });

  it('fails when what it hoards leaves no room for a message, and starts afresh', async () => {
    const handle = await script(
      "const hoard = [];\nexport default (m) => { if (m.body.harm) try { for (;;) hoard.push('x' + hoard.length + 'y'.repeat(500)); } catch {} return 'ok' }",
      MEDIUM,
    );
    await handle({ harm: true }).catch(() => {});
    await handle('x'.repeat(100_000)).catch(() => {});
    expect(answers(await handle())).toEqual(['ok']);
  });

  it('delays other handlers by its limit, not by all its messages, and loses none of theirs', async () => {
    const hostile = await script('for (;;);', SHORT);
    const healthy = await script("return 'ok'");
    const order: string[] = [];
    const bad = Array.from({ length: 5 }, () =>
      hostile().catch(({ type }: { type: string }) => {
        order.push(type);
      }),
    );
    const good = Array.from({ length: 300 }, async () => {
      order.push(...answers(await healthy()));
    });
    await Promise.all([...bad, ...good]);
    expect(order.filter((entry) => entry === 'ok')).toHaveLength(300);
    expect(order.filter((entry) => entry === 'timeout')).toHaveLength(5);
    // Their turns alternate: never do two endless ones pass while the healthy handler waits.
    const whileWaiting = order.slice(0, order.lastIndexOf('ok'));
    const inARow = whileWaiting.filter((entry, index) => entry === 'timeout' && whileWaiting[index + 1] === 'timeout');
    expect(inARow).toEqual([]);
  });

  it('that does not even stop at its limit is ended, and the messages of others are handled again', async () => {
    // One native call that never looks at the limit.
    const stuck = await script(
      'export default (m) => { if (m.body.harm) new Array(2 ** 31).lastIndexOf(1); return m.body.n }',
      { ...MEMORY, timeLimitMs: 400 },
    );
    const healthy = await script('return message.body.n');
    const messages = [0, 1, 2, 3, 4, 5];
    const mine = messages.map((n) => stuck({ n, harm: n === 2 }).then(answers, ({ type }: { type: string }) => type));
    const theirs = messages.map((n) => healthy({ n }).then(answers));
    expect(await Promise.all(theirs)).toEqual(messages.map((n) => [String(n)]));
    expect(await Promise.all(mine)).toEqual([['0'], ['1'], 'timeout', ['3'], ['4'], ['5']]);
  });

  it('that is stuck while it starts is refused', async () => {
    await expect(script('for (;;);\nexport default () => 1', SHORT)).rejects.toThrow(
      'The script does not start: The script took longer than its limit of 200 ms.',
    );
    expect(answers(await (await script("return 'ok'"))())).toEqual(['ok']);
  });
});
