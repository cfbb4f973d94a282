import type { Options } from 'amqplib';
import fc from 'fast-check';

/** One thing a client does. Messages to settle are named by a percentage of those held, since tags are not known ahead. */
export type Step =
  | { do: 'declare exchange'; name: string; type: string; options: Options.AssertExchange }
  | { do: 'declare queue'; name: string; options: Options.AssertQueue }
  | { do: 'bind' | 'unbind'; to: 'queue' | 'exchange'; destination: string; source: string; key: string; args: object }
  | { do: 'publish'; exchange: string; key: string; options: Options.Publish }
  | { do: 'get'; queue: string; noAck: boolean }
  | { do: 'settle'; how: 'ack' | 'nack' | 'reject'; which: number; multiple: boolean; requeue: boolean }
  | { do: 'purge'; queue: string }
  | { do: 'delete queue'; name: string; options: Options.DeleteQueue }
  | { do: 'delete exchange'; name: string; options: Options.DeleteExchange }
  | { do: 'consume'; queue: string; noAck: boolean; priority: number }
  | { do: 'cancel' }
  | { do: 'reopen channel' };

export const QUEUES = ['q0', 'q1', 'q2', 'q3'];
export const EXCHANGES = ['x0', 'x1', 'x2', 'x3'];
/** A time to live that passes during a sequence, and one that does not. */
export const SHORT_TTL_MS = 20;
const LONG_TTL_MS = 3_600_000;
const KEYS = ['a', 'b', 'a.b', 'a.b.c', '', 'a..b', '#'];
const PATTERNS = [...KEYS, '*', 'a.*', '*.b', '#.c', 'a.#', '#.b.#'];

const queue = fc.constantFrom(...QUEUES);
const exchange = fc.constantFrom(...EXCHANGES);
const key = fc.constantFrom(...KEYS, ...QUEUES);
const ttl = fc.constantFrom(0, SHORT_TTL_MS, SHORT_TTL_MS, LONG_TTL_MS);
const chance = (percent: number) => fc.integer({ min: 1, max: 100 }).map((n) => n <= percent);
/** The value in so many percent of cases, else undefined. */
const sometimes = <T>(percent: number, value: fc.Arbitrary<T>) =>
  fc.tuple(chance(percent), value).map(([is, given]) => (is ? given : undefined));

/** Without the keys that are undefined, which amqplib would send as void. */
function given<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

const headers = fc
  .record({
    h1: sometimes(50, fc.constantFrom<unknown>(1, 2, 'x', true)),
    h2: sometimes(40, fc.constantFrom<unknown>('x', 'y', null)),
    'x-t': sometimes(20, fc.constant(1)),
  })
  .map(given);

const declareExchange: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('declare exchange' as const),
  name: exchange,
  type: fc.constantFrom('direct', 'topic', 'fanout', 'headers'),
  options: fc
    .record({
      durable: chance(80),
      autoDelete: chance(15),
      internal: chance(5),
      alternateExchange: sometimes(30, exchange),
    })
    .map(given),
});

const overflow = fc.constantFrom('drop-head', 'reject-publish', 'reject-publish-dlx');
const declareQueue = fc.record({
  do: fc.constant('declare queue' as const),
  name: queue,
  options: fc
    .record({
      durable: chance(80),
      deadLetterExchange: sometimes(55, fc.constantFrom('', ...EXCHANGES)),
      deadLetterRoutingKey: sometimes(60, key),
      maxLength: sometimes(35, fc.integer({ min: 0, max: 3 })),
      overflow: sometimes(35, overflow),
      maxPriority: sometimes(25, fc.constant(4)),
      messageTtl: sometimes(15, ttl),
      maxBytes: sometimes(10, fc.constant(6)),
      singleActive: sometimes(10, fc.constant(true)),
    })
    .map(({ maxBytes, singleActive, deadLetterExchange, deadLetterRoutingKey, ...options }) =>
      given({
        ...options,
        deadLetterExchange,
        deadLetterRoutingKey: deadLetterExchange === undefined ? undefined : deadLetterRoutingKey,
        arguments: given({ 'x-max-length-bytes': maxBytes, 'x-single-active-consumer': singleActive }),
      }),
    ),
});

/**
 * Most of the queues are quorum queues: durable, without priorities, with a limit to deliveries now and then, and never with a single
 * active consumer, since nothing can be got from such a one.
 */
const declareAnyQueue: fc.Arbitrary<Step> = fc
  .tuple(declareQueue, chance(60), sometimes(40, fc.integer({ min: 0, max: 3 })))
  .map(([declared, isQuorum, deliveryLimit]) => (isQuorum ? asQuorum(declared, deliveryLimit) : declared));

function asQuorum(declared: Step & { do: 'declare queue' }, deliveryLimit: number | undefined): Step {
  const {
    maxPriority: _,
    overflow: wanted,
    ...options
  } = declared.options as Options.AssertQueue & { overflow?: string };
  // Quorum queues know two of the three.
  const overflow = wanted === 'reject-publish-dlx' ? undefined : wanted;
  const { 'x-single-active-consumer': __, ...others } = (options.arguments ?? {}) as Record<string, unknown>;
  const args = { ...others, 'x-queue-type': 'quorum', 'x-delivery-limit': deliveryLimit };
  return { ...declared, options: given({ ...options, overflow, durable: true, arguments: given(args) }) };
}

const bindingArguments = fc
  .tuple(sometimes(60, fc.constantFrom('all', 'any')), headers, chance(50))
  .map(([match, table, plain]) => (plain ? {} : given({ 'x-match': match, ...table })));

const binding = (action: 'bind' | 'unbind'): fc.Arbitrary<Step> =>
  fc
    .tuple(chance(75), queue, exchange, exchange, fc.constantFrom(...PATTERNS), bindingArguments)
    .map(([toQueue, aQueue, anExchange, source, pattern, args]) => ({
      do: action,
      to: toQueue ? ('queue' as const) : ('exchange' as const),
      destination: toQueue ? aQueue : anExchange,
      source,
      key: pattern,
      args,
    }));

const publish: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('publish' as const),
  exchange: fc.oneof({ weight: 3, arbitrary: exchange }, { weight: 1, arbitrary: fc.constant('') }),
  key,
  options: fc
    .record({
      mandatory: chance(50),
      headers,
      CC: sometimes(15, fc.tuple(key)),
      BCC: sometimes(10, fc.tuple(key)),
      priority: sometimes(30, fc.integer({ min: 0, max: 6 })),
      expiration: sometimes(15, ttl.map(String)),
    })
    .map(given),
});

const purge: fc.Arbitrary<Step> = fc.record({ do: fc.constant('purge' as const), queue });

const deleteQueue: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('delete queue' as const),
  name: queue,
  options: fc.record({ ifUnused: chance(30), ifEmpty: chance(40) }),
});
/** A quorum queue closes the connection when it is to be deleted on condition. */
const deleteAnyQueue: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('delete queue' as const),
  name: queue,
  options: fc.constant({}),
});

const deleteExchange: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('delete exchange' as const),
  name: exchange,
  options: fc.record({ ifUnused: chance(50) }),
});

/** How queues come and go. */
interface QueueSteps {
  declare: fc.Arbitrary<Step>;
  remove: fc.Arbitrary<Step>;
}

const stepWith = ({ declare, remove }: QueueSteps): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 44, arbitrary: publish },
    { weight: 18, arbitrary: fc.record({ do: fc.constant('get' as const), queue, noAck: chance(20) }) },
    {
      weight: 18,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        how: fc.constantFrom('ack' as const, 'nack' as const, 'nack' as const, 'reject' as const),
        which: fc.integer({ min: 0, max: 99 }),
        multiple: chance(25),
        requeue: chance(50),
      }),
    },
    { weight: 3, arbitrary: binding('bind') },
    { weight: 3, arbitrary: binding('unbind') },
    { weight: 3, arbitrary: fc.oneof(purge, remove, deleteExchange) },
    { weight: 3, arbitrary: declare },
    { weight: 2, arbitrary: declareExchange },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('consume' as const),
        queue,
        noAck: chance(30),
        priority: fc.integer({ min: 0, max: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'cancel' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'reopen channel' as const }) },
  );

const named = (arbitrary: fc.Arbitrary<Step>, names: string[]) =>
  fc.tuple(...names.map((name) => arbitrary.map((made) => ({ ...made, name }) as Step)));

/** Where the first declarations of the queues begin and end in a sequence. */
export const FIRST_QUEUES: [number, number] = [EXCHANGES.length, EXCHANGES.length + QUEUES.length];

const sequenceWith = (queueSteps: QueueSteps, steps: number): fc.Arbitrary<Step[]> =>
  fc
    .tuple(
      named(declareExchange, EXCHANGES),
      named(queueSteps.declare, QUEUES),
      fc.array(binding('bind'), { minLength: 8, maxLength: 12 }),
      fc.array(stepWith(queueSteps), { minLength: Math.ceil(steps / 2), maxLength: steps }),
    )
    .map(([exchanges, queues, bindings, rest]) => [...exchanges, ...queues, ...bindings, ...rest]);

/** A topology of four exchanges and four classic queues with bindings, and `steps` things done with it. */
export const sequence = (steps: number) => sequenceWith({ declare: declareQueue, remove: deleteQueue }, steps);

/** The same with quorum queues among them. */
export const sequenceWithQuorum = (steps: number) =>
  sequenceWith({ declare: declareAnyQueue, remove: deleteAnyQueue }, steps);
