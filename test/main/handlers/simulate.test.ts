import { createSimulate } from '@main/handlers/simulate';
import type { Json } from '@shared/flow/schema';
import { describe, expect, it } from 'vitest';
import { goOn, messageOf, requestOf } from './messages';

const AT_ONCE = { latency: { shape: 'fixed', ms: 0 } };

async function failures(settings: Record<string, Json>, keys: string[]): Promise<string[]> {
  const behaviour = await createSimulate(requestOf({ ...AT_ONCE, ...settings }));
  const failed: string[] = [];
  for (const routingKey of keys)
    await behaviour
      .handle(messageOf({ routingKey }), goOn)
      .catch((error: Error) => failed.push(`${routingKey}: ${error.message}`));
  return failed;
}

describe('a simulated handler', () => {
  it('always fails for the keys that are to fail, and never for others', async () => {
    const keys = ['order.created', 'order.cancelled', 'order.item.removed', 'invoice'];
    expect(await failures({ failingKeys: ['order.cancelled', 'order.item.#'] }, keys)).toEqual([
      'order.cancelled: Failed as simulated: keys like “order.cancelled” do.',
      'order.item.removed: Failed as simulated: keys like “order.item.#” do.',
    ]);
  });

  it('fails for the rest as often as its rate says', async () => {
    expect(await failures({ failureRate: 1, failingKeys: ['other'] }, ['order'])).toEqual([
      'order: Failed as simulated.',
    ]);
    expect(await failures({ failureRate: 0 }, ['order'])).toEqual([]);
  });

  it('says which setting is wrong', async () => {
    await expect(createSimulate(requestOf({ failingKeys: 'order' }))).rejects.toThrow('“failingKeys” is not valid');
  });
});
