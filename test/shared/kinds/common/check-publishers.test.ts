import type { Flow, Json } from '@shared/flow/schema';
import { checkPublishers } from '@shared/kinds/common/check-publishers';
import { describe, expect, it } from 'vitest';

function flowOf(settings: Record<string, Json>, link: Record<string, Json> = {}): Flow {
  return {
    format: 1,
    name: 'test',
    brokers: { main: { kind: 'rabbitmq', name: 'main', settings: {} } },
    nodes: {
      shop: { type: 'publisher', name: 'Shop', settings },
      orders: { type: 'rabbitmq.exchange', name: 'orders', broker: 'main', settings: {} },
    },
    links: { way: { type: 'publish', from: { node: 'shop' }, to: { node: 'orders' }, settings: link } },
    layout: { nodes: {} },
  };
}

const found = (...given: Parameters<typeof flowOf>) =>
  checkPublishers(flowOf(...given)).map(({ subject, field }) => [subject, field]);

describe('checking publishers', () => {
  it('is content with every placeholder there is', () => {
    expect(found({ body: '{{seq}} {{uuid}} {{now}} {{var.shop}} {{faker.person.fullName}}' })).toEqual([]);
  });

  it('finds placeholders that mean nothing, wherever they stand', () => {
    const settings = {
      body: '{{nope}}',
      routingKey: 'a.{{b}}',
      headers: { h: '{{c}}', n: 1 },
      properties: { type: '{{d}}' },
    };
    const node = { type: 'node', id: 'shop' };
    expect(found(settings, { routingKey: '{{e}}' })).toEqual([
      [node, 'settings.body'],
      [node, 'settings.routingKey'],
      [node, 'settings.headers.h'],
      [node, 'settings.properties.type'],
      [{ type: 'link', id: 'way' }, 'settings.routingKey'],
    ]);
  });

  it('leaves publishers elsewhere alone', () => {
    expect(found({ runsIn: 'elsewhere', body: '{{nope}}' })).toEqual([]);
  });
});
