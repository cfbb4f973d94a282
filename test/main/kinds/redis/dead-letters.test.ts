import { join } from 'node:path';
import { createAuditLog } from '@main/engine/audit';
import { urlAddress } from '@main/engine/connection-url';
import type { DeadLetterContext } from '@main/engine/dead-letters';
import { DRIVERS } from '@main/engine/kinds';
import { createRedactor } from '@main/engine/redact';
import { createDeadLetterService, type DeadLetterService } from '@main/engine/redrive-jobs';
import { openJournal } from '@main/engine/redrive-journal';
import { redisDeadLetters } from '@main/kinds/redis/dead-letters/index';
import { toDeadLetter } from '@main/kinds/redis/dead-letters/letter';
import { type RedriveSummary, redriveRequestSchema } from '@shared/dead-letters/redrive';
import { exampleFlow } from '@shared/examples/index';
import { Failure } from '@shared/failure';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tempFolder } from '../../../support/temp-folder';
import { type RunningRedis, SERVERS } from './servers';

const DEAD = '{orders}:dead';
const flow = exampleFlow('order-stream');

for (const [name, { isThere, start }] of Object.entries(SERVERS)) {
  describe.skipIf(!isThere)(`dead letters on ${name}`, () => {
    const dataFolder = join(tempFolder(), 'data');
    let server: RunningRedis;
    let client: Redis;
    let context: DeadLetterContext;
    let service: DeadLetterService;
    beforeAll(async () => {
      server = await start();
      client = new Redis(server.url, { protocol: 2 });
      context = {
        flow,
        targets: { main: { broker: 'main', url: server.url } },
        drivers: DRIVERS,
        audit: createAuditLog(dataFolder, createRedactor()),
        dataFolder,
        environment: { name: 'Test', protection: 'open' },
      };
      service = createDeadLetterService(async () => context);
    });
    afterAll(async () => {
      client.disconnect();
      await server.stop();
    });
    beforeEach(async () => void (await client.flushall()));

    const queue = { broker: 'main', vhost: '', name: DEAD };
    const order = (more: object = {}) => redriveRequestSchema.parse({ queue, ...more });
    const bury = (body: string, more: string[] = []) =>
      client.xadd(
        DEAD,
        '*',
        ...['body', body, 'header:source', 'web-shop', ...more, 'x-origin-stream', 'orders', 'x-origin-id', '1-1'],
        ...['x-group', 'billing', 'x-deliveries', '3', 'x-reason', 'No card.', 'x-failure-type', 'simulated'],
        ...['x-dead-at', '2026-01-02T03:04:05.000Z'],
      );
    const entries = async (stream: string) =>
      (await client.xrange(stream, '-', '+')).map(([, fields]) =>
        Object.fromEntries(fields.flatMap((field, index) => (index % 2 ? [] : [[field, fields[index + 1]]]))),
      );
    async function redrive(more: object = {}): Promise<RedriveSummary | undefined> {
      let job = await service.start(order(more), undefined);
      while (job.state !== 'ended') job = await service.progress(job.jobId, job.version, 5000);
      return job.summary;
    }

    it('are listed with the groups they come from', async () => {
      await bury('{"order":1}');
      expect((await service.list()).queues).toMatchObject([
        { name: DEAD, node: 'orders-dead', sources: ['orders'], depth: 1, queueType: 'stream' },
      ]);
    });

    it('are read where they lie, also in a read-only environment', async () => {
      const id = await bury('{"order":1}');
      const before = await client.xinfo('STREAM', DEAD);
      const readOnly = createDeadLetterService(async () => ({
        ...context,
        environment: { name: 'Test', protection: 'read-only' },
      }));
      expect((await readOnly.read({ queue, limit: 10 })).letters).toMatchObject([
        {
          id,
          body: { format: 'masked' },
          headers: { source: 'web-shop' },
          reason: 'failed',
          from: 'orders',
          diedAt: Date.parse('2026-01-02T03:04:05Z'),
          error: { type: 'simulated', message: 'No card.', attempts: 3 },
          redriven: null,
          homes: [{ exchange: '', routingKey: 'orders', why: expect.stringContaining('every group') }],
        },
      ]);
      expect(await client.xinfo('STREAM', DEAD)).toEqual(before);
      await expect(readOnly.start(order(), undefined)).rejects.toMatchObject({ code: 'environment/read-only' });
    });

    it('go home without the marks of their death, counted, and changed as asked', async () => {
      const first = await bury('{"order":1}');
      await bury('{"order":2}', ['header:tapline-redriven', '1']);
      expect(
        await redrive({ edits: { [first ?? '']: { body: '{"order":"mended"}', headers: { source: 'till' } } } }),
      ).toMatchObject({ redriven: 2, left: 0, ended: 'done' });
      const at = expect.any(String);
      expect(await entries('orders')).toEqual([
        {
          body: '{"order":"mended"}',
          'header:source': 'till',
          'header:tapline-redriven': '1',
          'header:tapline-redriven-at': at,
        },
        {
          body: '{"order":2}',
          'header:source': 'web-shop',
          'header:tapline-redriven': '2',
          'header:tapline-redriven-at': at,
        },
      ]);
      expect(await entries(DEAD)).toEqual([]);
    });

    it('stay when they are not meant, or when they would go where no stream can be', async () => {
      await bury('{"order":1}');
      await bury('{"order":2}');
      expect(await redrive({ limit: 1 })).toMatchObject({ redriven: 1, left: 1 });
      await client.set('text', 'no stream');
      await expect(service.start(order({ to: { exchange: '', routingKey: 'text' } }), undefined)).rejects.toMatchObject(
        { code: 'redrive/no-target', message: expect.stringContaining('holds a string') },
      );
      expect(await redrive({ filter: { text: 'order":9' } })).toMatchObject({ redriven: 0, skipped: 1, left: 1 });
      expect(await entries(DEAD)).toMatchObject([{ body: '{"order":2}' }]);
    });

    it('are neither lost nor sent twice when a run is killed between adding and deleting', async () => {
      await bury('{"order":1}');
      const key = { address: urlAddress(server.url), vhost: '', queue: DEAD };
      const journal = await openJournal(dataFolder, key, Date.now());
      const [found] = redisDeadLetters.find(flow, 'main', undefined);
      if (!found) throw new Error('no dead-letter stream is drawn');
      const killed = redisDeadLetters.redrive(context.targets.main!, {
        queue: found,
        budget: 1,
        decide: (letter) => ({ do: 'send', home: letter.homes[0]! }),
        record: {
          ...journal,
          confirmed: async (ids) => {
            await journal.confirmed(ids);
            throw new Failure('test/killed', 'Killed.');
          },
        },
        mayGoOn: async () => {},
        onProgress: () => {},
        signal: new AbortController().signal,
      });
      await expect(killed).rejects.toMatchObject({ code: 'test/killed' });
      await journal.close({ inGoodOrder: false, sawAll: false });
      expect([await client.xlen('orders'), await client.xlen(DEAD)]).toEqual([1, 1]);
      expect(await redrive()).toMatchObject({ redriven: 0, alreadySent: 1, left: 0 });
      expect([await client.xlen('orders'), await client.xlen(DEAD)]).toEqual([1, 0]);
    });
  });
}

describe('an entry of somebody else', () => {
  it('is told as far as its fields tell', () => {
    const fields = ['customer', 'Ann', 'total', '12'].map((text) => Buffer.from(text));
    const queue = { broker: 'main', vhost: '', name: DEAD, because: [], sources: ['orders', 'invoices'] };
    expect(toDeadLetter('1700000000000-0', fields, queue)).toMatchObject({
      id: '1700000000000-0',
      body: { format: 'json', text: '{"customer":"Ann","total":"12"}' },
      diedAt: 1_700_000_000_000,
      reason: 'unknown',
      deaths: [],
      homes: [],
    });
  });
});
