import type { RedriveRequest } from '@main/kinds/dead-letters';
import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitDeadLetters } from '@main/kinds/rabbitmq/dead-letters';
import type { DeadLetter } from '@shared/dead-letters/dead-letter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../../../support/rabbitmq';
import { type Bystander, billingFlow, bystander, deploy, graveyardIn } from './dead';

const noRecord = {
  sending: async () => {},
  confirmed: async () => {},
  returned: async () => {},
};

for (const queueType of ['classic', 'quorum'] as const) {
  describe(`dead letters in a ${queueType} queue`, () => {
    let vhost: TestVhost;
    let target: ConnectionTarget;
    let other: Bystander;
    beforeAll(async () => {
      vhost = await createVhost(`dead-${queueType}`);
      target = { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl };
      await deploy(target, billingFlow(queueType, queueType === 'quorum' ? { 'x-delivery-limit': 5 } : {}));
      other = await bystander(vhost.url);
    });
    afterAll(async () => {
      await other?.close();
      await vhost?.remove();
    });
    const queue = () => graveyardIn(vhost.vhost);
    const redrive = (request: Partial<RedriveRequest>) =>
      rabbitDeadLetters.redrive(target, {
        queue: queue(),
        budget: 1000,
        decide: sendHome,
        record: noRecord,
        mayGoOn: async () => {},
        onProgress: () => {},
        signal: new AbortController().signal,
        ...request,
      });
    const sendHome: RedriveRequest['decide'] = ({ homes: [home] }) => (home ? { do: 'send', home } : { do: 'leave' });
    const numberOf = ({ body }: DeadLetter) =>
      body.format === 'json' ? (JSON.parse(body.text) as { number: number }).number : -1;

    it('lists depth and what reading costs without reading', async () => {
      await other.bury(3);
      const [listed] = await rabbitDeadLetters.list(target, { flow: billingFlow(queueType) });
      expect(listed).toMatchObject({ name: 'graveyard', depth: 3, consumers: 0, sources: ['billing'], queueType });
      expect(listed!.because).toEqual(['dead letters of billing come here']);
      expect(listed!.terms.costs.join(' ')).toContain(
        queueType === 'classic' ? 'marked as redelivered' : 'after 5 returns this queue drops it',
      );
    });

    it('reads messages decoded and leaves them all, in order', async () => {
      const { letters, notices } = await rabbitDeadLetters.read(target, { queue: queue(), limit: 10 });
      expect(letters.map(numberOf)).toEqual([0, 1, 2]);
      expect(notices).toEqual([]);
      expect(letters[0]).toMatchObject({
        messageId: 'order-0',
        reason: 'rejected',
        from: 'billing',
        deaths: [{ queue: 'billing', count: 1, exchange: 'orders', routingKeys: ['order.created'] }],
        redriven: null,
      });
      expect(letters[0]!.homes).toMatchObject([
        { reach: 'queue', name: 'billing' },
        { reach: 'exchange', name: 'orders', routingKey: 'order.created' },
      ]);
      const again = await rabbitDeadLetters.read(target, { queue: queue(), limit: 10 });
      expect(again.letters.map(({ id }) => id)).toEqual(letters.map(({ id }) => id));
      expect(await other.depth('graveyard')).toBe(3);
    });

    it('redrives what is meant to the queue it died in, stripped and marked, and nowhere else', async () => {
      const counts = await redrive({
        decide: (letter) => (numberOf(letter) === 1 ? sendHome(letter) : { do: 'leave' }),
      });
      expect(counts).toMatchObject({ redriven: 1, skipped: 2, returned: 0, failed: 0 });
      expect(await other.depth('email')).toBe(0);
      const message = await other.take('billing');
      expect(message?.content.toString()).toBe('{"number":1}');
      const { 'x-delivery-count': _count, ...headers } = message?.properties.headers || {};
      expect(headers).toEqual({
        shop: 'app',
        'tapline-redriven': 1,
        'tapline-redriven-at': expect.stringMatching(/^\d{4}-/),
      });
      expect((await other.drain('graveyard')).sort()).toEqual([0, 2]);
    });

    it('puts back what no queue takes, and counts it', async () => {
      await other.bury(4);
      const nowhere = { exchange: 'orders', routingKey: 'nobody', reach: 'exchange', name: 'orders', why: '' } as const;
      const counts = await redrive({
        decide: (letter) => (numberOf(letter) % 2 ? { do: 'send', home: nowhere } : sendHome(letter)),
      });
      expect(counts).toMatchObject({ redriven: 2, returned: 2 });
      expect((await other.drain('graveyard')).sort()).toEqual([1, 3]);
      expect(await other.drain('billing')).toEqual([0, 2]);
    });

    it('looks at more than it may hold at once, and stops at its budget', async () => {
      await other.bury(700);
      const counts = await redrive({ budget: 650, decide: () => ({ do: 'leave' }) });
      expect(counts).toMatchObject({ looked: 650, skipped: 650, redriven: 0 });
      expect((await other.drain('graveyard')).sort((a, b) => a - b)).toEqual(Array.from({ length: 700 }, (_, n) => n));
    });

    it('sends an edited message and keeps the original until that is confirmed', async () => {
      await other.bury(1);
      const [letter] = (await rabbitDeadLetters.read(target, { queue: queue(), limit: 1 })).letters;
      const edit = { body: '{"number":42}', headers: { ...letter!.headers, checked: true } };
      const atNowhere = await redrive({
        decide: () => ({ do: 'send', home: { ...letter!.homes[0]!, routingKey: 'no-such-queue' }, edit }),
      });
      expect(atNowhere).toMatchObject({ redriven: 0, returned: 1 });
      expect(await other.depth('graveyard')).toBe(1);
      expect(await redrive({ decide: (dead) => ({ do: 'send', home: dead.homes[0]!, edit }) })).toMatchObject({
        redriven: 1,
      });
      const message = await other.take('billing');
      expect(message?.properties.headers).toMatchObject({ shop: 'web', checked: true });
      expect(message?.content.toString()).toBe('{"number":42}');
      expect(await other.depth('graveyard')).toBe(0);
    });

    it('gives way to nothing it cannot have: no queue, no exchange', async () => {
      const gone = { ...queue(), name: 'gone' };
      await expect(rabbitDeadLetters.read(target, { queue: gone, limit: 1 })).rejects.toMatchObject({
        code: 'dead-letters/no-queue',
      });
      const home = { exchange: 'gone', routingKey: '', reach: 'exchange', name: 'gone', why: '' } as const;
      expect(await rabbitDeadLetters.checkHome(target, vhost.vhost, home)).toBe('There is no exchange gone.');
    });
  });
}

describe('a quorum queue at its delivery limit', () => {
  it('loses nothing by being read: worn messages are put back as copies, and that is said', async () => {
    const vhost = await createVhost('dead-limit');
    const target = { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl };
    await deploy(target, billingFlow('quorum', { 'x-delivery-limit': 2 }));
    const other = await bystander(vhost.url);
    await other.bury(3);
    const read = () => rabbitDeadLetters.read(target, { queue: graveyardIn(vhost.vhost), limit: 10 });
    expect((await read()).mayReadAgain).toBe(true);
    expect((await read()).mayReadAgain).toBe(false);
    const worn = await read();
    expect(worn.notices).toEqual([expect.stringMatching(/^3 of them had reached the delivery limit/)]);
    expect((await read()).letters).toHaveLength(3);
    const looking = { budget: 10, decide: () => ({ do: 'leave' }) as const, record: noRecord };
    const signal = new AbortController().signal;
    const run = { ...looking, mayGoOn: async () => {}, onProgress: () => {}, signal };
    for (let times = 0; times < 4; times++)
      await rabbitDeadLetters.redrive(target, { queue: graveyardIn(vhost.vhost), ...run });
    expect((await other.drain('graveyard')).sort()).toEqual([0, 1, 2]);
    await other.close();
    await vhost.remove();
  });
});
