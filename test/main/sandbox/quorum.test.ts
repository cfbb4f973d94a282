import { BEHAVIOURS } from '@main/sandbox/rabbitmq/broker/behaviour';
import { SandboxBroker } from '@main/sandbox/rabbitmq/broker/broker';
import { SandboxClock } from '@main/sandbox/rabbitmq/broker/clock';
import { Message } from '@main/sandbox/rabbitmq/broker/message';
import type { Queue } from '@main/sandbox/rabbitmq/broker/queue';
import { encodeProperties } from '@main/sandbox/rabbitmq/codec/properties';
import { expect, it } from 'vitest';

/** Queues on a clock that stands still. */
function start() {
  const clock = new SandboxClock((error) => {
    throw error;
  });
  clock.pause();
  const broker = new SandboxBroker(BEHAVIOURS['3.10'], clock);
  const vhost = broker.addVhost('/');
  const queue = (type: 'classic' | 'quorum', more = {}): Queue =>
    vhost.declareQueue(
      { name: type, durable: true, autoDelete: false, arguments: { 'x-queue-type': type, ...more }, owner: null },
      { exclusiveQueues: new Set() },
    );
  const push = (to: Queue, properties = {}) =>
    to.push(
      new Message('', to.name, encodeProperties(properties), Buffer.from('m'), undefined, broker.nextMessageId()),
    );
  return { clock, queue, push };
}

it('takes the message that passes the limit of a quorum queue that refuses, and more only when a fifth is free again', () => {
  const { queue, push } = start();
  const full = queue('quorum', { 'x-max-length': 5, 'x-overflow': 'reject-publish' });
  const pushed = () => Array.from({ length: 7 }, () => push(full));
  expect(pushed()).toEqual([true, true, true, true, true, true, false]);
  full.get(true);
  expect([full.ready, push(full)]).toEqual([5, false]);
  full.get(true);
  expect([full.ready, push(full)]).toEqual([4, true]);
});

it('never passes the limit of a classic queue that refuses', () => {
  const { queue, push } = start();
  const full = queue('classic', { 'x-max-length': 1, 'x-overflow': 'reject-publish' });
  expect([push(full), push(full)]).toEqual([true, false]);
  full.get(true);
  expect(push(full)).toBe(true);
});

it('gives a message back to the end of a quorum queue, and to its place where deliveries are limited', () => {
  const { queue, push } = start();
  const headAfterReturn = (more: object) => {
    const target = queue('quorum', more);
    push(target, { messageId: 'first' });
    push(target, { messageId: 'second' });
    const first = target.get(false);
    if (!first) throw new Error('nothing to get');
    target.hold(first);
    target.requeue([first], 'client');
    const head = target.get(true)?.message === first.message ? 'first' : 'second';
    target.vhost.deleteQueue(target);
    return head;
  };
  expect([headAfterReturn({}), headAfterReturn({ 'x-delivery-limit': 3 })]).toEqual(['second', 'first']);
});

it('counts what expired behind the message got until the timer of a quorum queue comes round, unless that message is settled', () => {
  const { clock, queue, push } = start();
  const leftAfter = (target: Queue, noAck: boolean) => {
    push(target);
    push(target, { expiration: '20' });
    clock.step(20);
    target.get(noAck);
    return target.ready;
  };
  const quorum = queue('quorum');
  expect(leftAfter(quorum, false)).toBe(1);
  clock.step(1);
  expect(quorum.ready).toBe(0);
  expect(leftAfter(quorum, true)).toBe(0);
  expect(leftAfter(queue('classic'), false)).toBe(0);
});
