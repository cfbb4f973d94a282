import { tryHandler } from '@main/engine/try-handler';
import { tryRequestSchema } from '@shared/api/try-handler';
import type { Flow, Json } from '@shared/flow/schema';
import { describe, expect, it } from 'vitest';

function flowOf(settings: Record<string, Json>): Flow {
  return {
    format: 1,
    name: 'test',
    brokers: { main: { kind: 'rabbitmq', name: 'main', settings: {} } },
    nodes: {
      worker: { type: 'handler', name: 'worker', settings },
      audit: { type: 'rabbitmq.queue', name: 'audit', broker: 'main', settings: {} },
    },
    links: { out: { type: 'publish', from: { node: 'worker' }, to: { node: 'audit' }, settings: {} } },
    layout: { nodes: {} },
  };
}

const attempt = (settings: Record<string, Json>, message: Record<string, Json> = {}) =>
  tryHandler(flowOf(settings), tryRequestSchema.parse({ node: 'worker', message }), {}, new AbortController().signal);

const script = (code: string) => ({ behaviour: 'script', script: { code } });

describe('trying a handler', () => {
  it('tells what a script would send and what it wrote', async () => {
    const code = "ctx.log('total', message.body.total);\nctx.publish('audit', { seen: message.key }, { key: 'k' })";
    expect(await attempt(script(code), { routingKey: 'order.created', body: '{"total":5}' })).toEqual({
      logs: ['total 5'],
      forwards: [
        {
          output: 'audit',
          routingKey: 'k',
          contentType: 'application/json',
          body: '{"seen":"order.created"}',
          isBase64: false,
          isCut: false,
          bytes: 24,
        },
      ],
    });
  });

  it('tells which rule takes the message', async () => {
    const route = { rules: [{ name: 'all orders', routingKey: 'order.#', output: 'audit' }] };
    const settings = { behaviour: 'route', route };
    expect(await attempt(settings, { routingKey: 'order.x', body: 'a' })).toMatchObject({
      route: 'all orders',
      forwards: [{ output: 'audit', body: 'a', bytes: 1 }],
    });
    expect(await attempt(settings, { routingKey: 'x' })).toMatchObject({ route: null, forwards: [] });
  });

  it('tells why a message would fail, with what was written before', async () => {
    expect(await attempt(script("ctx.log('a');\nthrow new TypeError('no')"))).toEqual({
      forwards: [],
      logs: ['a'],
      failure: { type: 'TypeError', message: 'TypeError: no (line 2, column 20)' },
    });
  });

  it('shows the beginning of a large body and says how large it is', async () => {
    const { forwards } = await attempt(script("return 'x'.repeat(50000)"));
    expect(forwards[0]).toMatchObject({ isCut: true, bytes: 50_000 });
    expect(forwards[0]?.body).toHaveLength(20_000);
  });

  it('refuses scripts that do not start, and handlers that reach outside', async () => {
    await expect(attempt(script('if ('))).rejects.toMatchObject({ name: 'Failure', code: 'handler/script' });
    await expect(attempt({ behaviour: 'http', http: { url: 'http://a/' } })).rejects.toMatchObject({
      code: 'handler/not-tried',
    });
  });
});
