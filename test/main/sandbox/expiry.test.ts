import { BEHAVIOURS } from '@main/sandbox/rabbitmq/broker/behaviour';
import { SandboxBroker } from '@main/sandbox/rabbitmq/broker/broker';
import { SandboxClock } from '@main/sandbox/rabbitmq/broker/clock';
import { Message } from '@main/sandbox/rabbitmq/broker/message';
import type { Queue } from '@main/sandbox/rabbitmq/broker/queue';
import { expect, it } from 'vitest';

const TTL_MS = 20;
const NO_PROPERTIES = Buffer.alloc(2);

/** Queues in which everything expires after 20 ms, on a clock that stands still. */
function start() {
  const clock = new SandboxClock((error) => {
    throw error;
  });
  clock.pause();
  const broker = new SandboxBroker(BEHAVIOURS['3.10'], clock);
  const vhost = broker.addVhost('/');
  const died: string[] = [];
  broker.observe = (event) => {
    if (event.type === 'died') died.push(`${event.queue}: ${event.reason}`);
  };
  const queue = (name: string, deadLettersTo: string, more = {}): Queue =>
    vhost.declareQueue(
      {
        name,
        durable: true,
        autoDelete: false,
        arguments: {
          'x-message-ttl': TTL_MS,
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': deadLettersTo,
          ...more,
        },
        owner: null,
      },
      { exclusiveQueues: new Set() },
    );
  const push = (to: Queue) =>
    to.push(new Message('', to.name, NO_PROPERTIES, Buffer.from('m'), undefined, broker.nextMessageId(), false));
  return { clock, queue, push, died };
}

it('lets all expire that is due at one moment before dead letters of it arrive anywhere', () => {
  const { clock, queue, push, died } = start();
  const source = queue('source', 'small');
  const small = queue('small', 'nowhere', { 'x-max-length': 1 });
  push(source);
  push(small);
  clock.step(TTL_MS);
  expect(died).toEqual(['source: expired', 'small: expired']);
  expect(small.ready).toBe(1);
});
