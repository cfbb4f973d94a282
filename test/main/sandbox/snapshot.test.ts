import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { BEHAVIOURS } from '@main/sandbox/rabbitmq/broker/behaviour';
import { SandboxBroker } from '@main/sandbox/rabbitmq/broker/broker';
import { SandboxClock } from '@main/sandbox/rabbitmq/broker/clock';
import { Message } from '@main/sandbox/rabbitmq/broker/message';
import type { Queue } from '@main/sandbox/rabbitmq/broker/queue';
import type { FieldTable } from '@main/sandbox/rabbitmq/codec/table';
import { rabbitSnapshot } from '@main/sandbox/rabbitmq/snapshot';
import { SnapshotFile } from '@main/sandbox/snapshot-file';
import { beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder';

const folder = tempFolder();
let path: string;
let count = 0;
beforeEach(() => {
  count += 1;
  path = join(folder, `${count}.snapshot`);
});

function start(maxBytes?: number): {
  broker: SandboxBroker;
  clock: SandboxClock;
  snapshot: Pick<SnapshotFile<unknown>, 'save' | 'restore' | 'remarks'>;
} {
  const clock = new SandboxClock((error) => {
    throw error;
  });
  const broker = new SandboxBroker(BEHAVIOURS['3.10'], clock);
  return {
    broker,
    clock,
    snapshot: new SnapshotFile(
      path,
      rabbitSnapshot(broker, () => new Map(), maxBytes),
    ),
  };
}

/** Properties of a message that say delivery mode 2 and nothing else. */
const PERSISTENT = Buffer.from([0x10, 0x00, 2]);

/** A durable queue holding messages of 13 bytes, properties included. */
function fill(broker: SandboxBroker, name: string, bodies: string[], args: FieldTable = {}): void {
  const declaration = { name, durable: true, autoDelete: false, arguments: args, owner: null };
  const queue: Queue = broker.addVhost('/').declareQueue(declaration, { exclusiveQueues: new Set() });
  for (const body of bodies) {
    const message = new Message('', name, PERSISTENT, Buffer.from(body.padEnd(10)), undefined, 1, false);
    queue.restore(message, false, 0);
  }
}

const depths = (broker: SandboxBroker) =>
  Object.fromEntries([...broker.addVhost('/').queues].map(([name, queue]) => [name, queue.ready]));

describe('the snapshot of a sandbox', () => {
  it('keeps all objects, and as many messages as fit; the rest are counted before and after the start', async () => {
    const { broker, snapshot } = start(26);
    fill(broker, 'email', ['1']);
    fill(broker, 'billing', ['1', '2', '3']);
    await snapshot.save();
    expect(snapshot.remarks()).toEqual(['2 messages are too many to be kept when the sandbox ends.']);

    const next = start(26);
    expect(await next.snapshot.restore()).toEqual(['2 messages were too many to be kept.']);
    expect(depths(next.broker)).toEqual({ email: 1, billing: 1 });
    await next.snapshot.save();
    expect(next.snapshot.remarks()).toEqual([]);
  });

  it('lets messages that waited for their time expire as they would have: they are waited for again', async () => {
    const { broker, snapshot } = start();
    const vhost = broker.addVhost('/');
    fill(broker, 'back', []);
    fill(broker, 'wait', ['1', '2'], {
      'x-message-ttl': 1000,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': 'back',
    });
    expect(vhost.queues.size).toBe(2);
    await snapshot.save();

    const next = start();
    next.clock.pause();
    await next.snapshot.restore();
    expect(depths(next.broker)).toEqual({ back: 0, wait: 2 });
    next.clock.step(1000);
    expect(depths(next.broker)).toEqual({ back: 2, wait: 0 });
  });

  it.each([
    ['is no snapshot', Buffer.from('not a snapshot')],
    ['has a format of the future', serialize({ format: 9, content: [], leftOut: 0 })],
    ['breaks off in the middle', serialize({ format: 2, content: [{ name: '/', queues: [] }], leftOut: 0 })],
  ])('that %s is set aside unchanged, and the sandbox begins empty and says so', async (_what, bytes) => {
    writeFileSync(path, bytes);
    const { broker, snapshot } = start();
    expect(await snapshot.restore()).toEqual([expect.stringContaining(`it is set aside as ${path}.unreadable.`)]);
    expect(depths(broker)).toEqual({});
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(`${path}.unreadable`).equals(bytes)).toBe(true);
  });

  it('that cannot be written is told until it can', async () => {
    const { broker, snapshot } = start();
    fill(broker, 'email', ['1']);
    path = join(folder, 'missing', 'folder.snapshot');
    const elsewhere = new SnapshotFile(
      path,
      rabbitSnapshot(broker, () => new Map()),
    );
    await elsewhere.save();
    expect(elsewhere.remarks()).toEqual([expect.stringContaining('The sandbox cannot be kept: ENOENT')]);
    await snapshot.save();
    expect(snapshot.remarks()).toEqual([]);
  });
});
