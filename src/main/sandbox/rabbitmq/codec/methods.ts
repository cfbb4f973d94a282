import { FieldReader, FieldWriter } from './fields';
import type { FieldTable } from './table';

/** Wire types of method arguments (AMQP 0-9-1 specification, section 4.2). `bit`s that follow one another share an octet. */
type FieldType = 'octet' | 'short' | 'long' | 'longlong' | 'shortstr' | 'longstr' | 'table' | 'bit';

/**
 * The one table of methods: class id, method id, arguments in wire order. Reserved fields keep their place under names
 * that begin with `_`. Source: the AMQP 0-9-1 XML with RabbitMQ's extensions (amqp-rabbitmq-0.9.1.json).
 */
const METHODS = {
  'connection.start': [
    10,
    10,
    {
      versionMajor: 'octet',
      versionMinor: 'octet',
      serverProperties: 'table',
      mechanisms: 'longstr',
      locales: 'longstr',
    },
  ],
  'connection.start-ok': [
    10,
    11,
    { clientProperties: 'table', mechanism: 'shortstr', response: 'longstr', locale: 'shortstr' },
  ],
  'connection.secure': [10, 20, { challenge: 'longstr' }],
  'connection.secure-ok': [10, 21, { response: 'longstr' }],
  'connection.tune': [10, 30, { channelMax: 'short', frameMax: 'long', heartbeat: 'short' }],
  'connection.tune-ok': [10, 31, { channelMax: 'short', frameMax: 'long', heartbeat: 'short' }],
  'connection.open': [10, 40, { virtualHost: 'shortstr', _capabilities: 'shortstr', _insist: 'bit' }],
  'connection.open-ok': [10, 41, { _knownHosts: 'shortstr' }],
  'connection.close': [10, 50, { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' }],
  'connection.close-ok': [10, 51, {}],
  'connection.blocked': [10, 60, { reason: 'shortstr' }],
  'connection.unblocked': [10, 61, {}],
  'connection.update-secret': [10, 70, { newSecret: 'longstr', reason: 'shortstr' }],
  'connection.update-secret-ok': [10, 71, {}],
  'channel.open': [20, 10, { _outOfBand: 'shortstr' }],
  'channel.open-ok': [20, 11, { _channelId: 'longstr' }],
  'channel.flow': [20, 20, { active: 'bit' }],
  'channel.flow-ok': [20, 21, { active: 'bit' }],
  'channel.close': [20, 40, { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' }],
  'channel.close-ok': [20, 41, {}],
  'exchange.declare': [
    40,
    10,
    {
      _ticket: 'short',
      exchange: 'shortstr',
      type: 'shortstr',
      passive: 'bit',
      durable: 'bit',
      autoDelete: 'bit',
      internal: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'exchange.declare-ok': [40, 11, {}],
  'exchange.delete': [40, 20, { _ticket: 'short', exchange: 'shortstr', ifUnused: 'bit', noWait: 'bit' }],
  'exchange.delete-ok': [40, 21, {}],
  'exchange.bind': [
    40,
    30,
    {
      _ticket: 'short',
      destination: 'shortstr',
      source: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'exchange.bind-ok': [40, 31, {}],
  'exchange.unbind': [
    40,
    40,
    {
      _ticket: 'short',
      destination: 'shortstr',
      source: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'exchange.unbind-ok': [40, 51, {}],
  'queue.declare': [
    50,
    10,
    {
      _ticket: 'short',
      queue: 'shortstr',
      passive: 'bit',
      durable: 'bit',
      exclusive: 'bit',
      autoDelete: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'queue.declare-ok': [50, 11, { queue: 'shortstr', messageCount: 'long', consumerCount: 'long' }],
  'queue.bind': [
    50,
    20,
    {
      _ticket: 'short',
      queue: 'shortstr',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'queue.bind-ok': [50, 21, {}],
  'queue.purge': [50, 30, { _ticket: 'short', queue: 'shortstr', noWait: 'bit' }],
  'queue.purge-ok': [50, 31, { messageCount: 'long' }],
  'queue.delete': [50, 40, { _ticket: 'short', queue: 'shortstr', ifUnused: 'bit', ifEmpty: 'bit', noWait: 'bit' }],
  'queue.delete-ok': [50, 41, { messageCount: 'long' }],
  'queue.unbind': [
    50,
    50,
    { _ticket: 'short', queue: 'shortstr', exchange: 'shortstr', routingKey: 'shortstr', arguments: 'table' },
  ],
  'queue.unbind-ok': [50, 51, {}],
  'basic.qos': [60, 10, { prefetchSize: 'long', prefetchCount: 'short', global: 'bit' }],
  'basic.qos-ok': [60, 11, {}],
  'basic.consume': [
    60,
    20,
    {
      _ticket: 'short',
      queue: 'shortstr',
      consumerTag: 'shortstr',
      noLocal: 'bit',
      noAck: 'bit',
      exclusive: 'bit',
      noWait: 'bit',
      arguments: 'table',
    },
  ],
  'basic.consume-ok': [60, 21, { consumerTag: 'shortstr' }],
  'basic.cancel': [60, 30, { consumerTag: 'shortstr', noWait: 'bit' }],
  'basic.cancel-ok': [60, 31, { consumerTag: 'shortstr' }],
  'basic.publish': [
    60,
    40,
    { _ticket: 'short', exchange: 'shortstr', routingKey: 'shortstr', mandatory: 'bit', immediate: 'bit' },
  ],
  'basic.return': [60, 50, { replyCode: 'short', replyText: 'shortstr', exchange: 'shortstr', routingKey: 'shortstr' }],
  'basic.deliver': [
    60,
    60,
    {
      consumerTag: 'shortstr',
      deliveryTag: 'longlong',
      redelivered: 'bit',
      exchange: 'shortstr',
      routingKey: 'shortstr',
    },
  ],
  'basic.get': [60, 70, { _ticket: 'short', queue: 'shortstr', noAck: 'bit' }],
  'basic.get-ok': [
    60,
    71,
    { deliveryTag: 'longlong', redelivered: 'bit', exchange: 'shortstr', routingKey: 'shortstr', messageCount: 'long' },
  ],
  'basic.get-empty': [60, 72, { _clusterId: 'shortstr' }],
  'basic.ack': [60, 80, { deliveryTag: 'longlong', multiple: 'bit' }],
  'basic.reject': [60, 90, { deliveryTag: 'longlong', requeue: 'bit' }],
  'basic.recover-async': [60, 100, { requeue: 'bit' }],
  'basic.recover': [60, 110, { requeue: 'bit' }],
  'basic.recover-ok': [60, 111, {}],
  'basic.nack': [60, 120, { deliveryTag: 'longlong', multiple: 'bit', requeue: 'bit' }],
  'confirm.select': [85, 10, { noWait: 'bit' }],
  'confirm.select-ok': [85, 11, {}],
  'tx.select': [90, 10, {}],
  'tx.select-ok': [90, 11, {}],
  'tx.commit': [90, 20, {}],
  'tx.commit-ok': [90, 21, {}],
  'tx.rollback': [90, 30, {}],
  'tx.rollback-ok': [90, 31, {}],
} as const satisfies Record<string, readonly [number, number, Record<string, FieldType>]>;

type Methods = typeof METHODS;
export type MethodName = keyof Methods;

type ValueOf<T> = T extends 'bit'
  ? boolean
  : T extends 'shortstr'
    ? string
    : T extends 'longstr'
      ? Buffer
      : T extends 'table'
        ? FieldTable
        : number;

/** Arguments of a method, by name. Reserved ones (`_…`) need not be given when encoding. */
export type MethodArguments<N extends MethodName> = {
  [F in keyof Methods[N][2] as F extends `_${string}` ? never : F]: ValueOf<Methods[N][2][F]>;
};

/** A decoded method frame. */
export type Method = { [N in MethodName]: { name: N; args: MethodArguments<N> } }[MethodName];

interface MethodSpec {
  name: MethodName;
  classId: number;
  methodId: number;
  fields: [name: string, type: FieldType][];
}

const specs = new Map<MethodName, MethodSpec>();
const specsById = new Map<number, MethodSpec>();
for (const [name, [classId, methodId, fields]] of Object.entries(METHODS)) {
  const spec: MethodSpec = {
    name: name as MethodName,
    classId,
    methodId,
    fields: Object.entries(fields) as [string, FieldType][],
  };
  specs.set(spec.name, spec);
  specsById.set(classId * 65_536 + methodId, spec);
}

function specOf(name: MethodName): MethodSpec {
  const spec = specs.get(name);
  if (!spec) throw new Error(`no method ${name}`);
  return spec;
}

/** Class and method id, as connection.close and channel.close report them. */
export function methodIds(name: MethodName): { classId: number; methodId: number } {
  const { classId, methodId } = specOf(name);
  return { classId, methodId };
}

/** Name of the method in a frame's payload; undefined for one that does not exist. */
export function methodNameOf(payload: Buffer): MethodName | undefined {
  return specsById.get(payload.readUInt32BE(0))?.name;
}

/**
 * Reads the payload of a method frame. Undefined for a method that does not exist; throws as FieldReader does when the
 * payload does not fit its fields.
 */
export function decodeMethod(payload: Buffer): Method | undefined {
  const spec = specsById.get(payload.readUInt32BE(0));
  if (!spec) return undefined;
  const reader = new FieldReader(payload, 4);
  const args: Record<string, unknown> = {};
  for (const [name, type] of spec.fields) args[name] = reader.read(type);
  reader.finish();
  return { name: spec.name, args } as Method;
}

/** Writes a whole method frame for `channel`. */
export function encodeMethod<N extends MethodName>(channel: number, name: N, args: MethodArguments<N>): Buffer {
  const spec = specOf(name);
  const writer = new FieldWriter(channel, spec.classId, spec.methodId);
  const values = args as Record<string, unknown>;
  for (const [field, type] of spec.fields) writer.write(type, values[field]);
  return writer.finish();
}
