import type { FlowNode } from '@shared/flow/schema';
import type { Field, NodeDescriptor } from '@shared/kinds/descriptor';
import { plainArgument } from './argument-values';
import { findArgument } from './arguments';
import { argumentFields, argumentsOf, EXCHANGE_TYPES, keysWithField } from './descriptor-arguments';
import { docs } from './docs';

const MAX_NAME_BYTES = 255;

/** Fields every object of a broker has: its name and its vhost. */
function identityFields(noun: string): Field[] {
  return [
    {
      path: ['name'],
      scope: 'entity',
      control: 'text',
      label: 'Name',
      maxBytes: MAX_NAME_BYTES,
      help: `Name of the ${noun} in the broker, at most ${MAX_NAME_BYTES} bytes; names beginning with “amq.” belong to RabbitMQ. Renaming makes a new ${noun}.`,
      docsUrl: noun === 'queue' ? docs.queueNames : docs.exchanges,
    },
    {
      path: ['vhost'],
      control: 'text',
      label: 'Virtual host',
      placeholder: 'that of the connection',
      help: 'Names are separate per virtual host. Default: the one in the connection’s URL.',
      docsUrl: docs.vhosts,
    },
  ];
}

const ownershipField: Field = {
  path: ['ownership'],
  scope: 'entity',
  control: 'select',
  label: 'Looked after by',
  group: 'Deployment',
  default: 'managed',
  help: 'Whether Tapline may make and change it in the broker.',
  options: [
    { value: 'managed', label: 'Tapline', help: 'Made and kept in step by Deploy.' },
    { value: 'referenced', label: 'Somebody else', help: 'Must exist; never changed.' },
    { value: 'ignored', label: 'Nobody', help: 'Drawn for reading only.' },
  ],
};

const customArguments = (on: 'queue' | 'exchange'): Field => ({
  path: ['arguments'],
  control: 'arguments',
  label: 'Other arguments',
  group: 'Custom',
  help: 'Arguments of plugins or of your own. RabbitMQ accepts unknown names without effect.',
  docsUrl: docs.optionalArguments,
  hideKeys: keysWithField(on),
});

const typeArgument = findArgument('queue', 'x-queue-type');
const [queueTypeField] = argumentFields('queue').filter(({ path }) => path[1] === typeArgument?.key);

const isStreamOrQuorum = (settings: Record<string, unknown>) =>
  ['quorum', 'stream'].includes(String(plainArgument(argumentsOf(settings)['x-queue-type'])));

/** `30 s`, `500 ms`: the shortest exact form. */
function formatMs(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ];
  const unit = units.find(([size]) => ms >= size && ms % size === 0);
  return unit ? `${ms / unit[0]} ${unit[1]}` : `${ms} ms`;
}

function summariseExchange({ settings }: FlowNode): string {
  const facts = [String(settings['exchangeType'] ?? 'topic')];
  facts.push(settings['durable'] === false ? 'transient' : 'durable');
  if (settings['autoDelete'] === true) facts.push('auto-delete');
  if (settings['internal'] === true) facts.push('internal');
  return facts.join(' · ');
}

function summariseQueue({ settings }: FlowNode): string {
  const table = argumentsOf(settings);
  const numberAt = (key: string) => {
    const value = plainArgument(table[key]);
    return typeof value === 'number' ? value : undefined;
  };
  const facts = [String(plainArgument(table['x-queue-type']) ?? 'classic')];
  if (settings['durable'] === false) facts.push('transient');
  if (settings['autoDelete'] === true) facts.push('auto-delete');
  const ttlMs = numberAt('x-message-ttl');
  if (ttlMs !== undefined) facts.push(`TTL ${formatMs(ttlMs)}`);
  const maxLength = numberAt('x-max-length');
  if (maxLength !== undefined) facts.push(`max ${maxLength.toLocaleString('en-US')}`);
  const deliveryLimit = numberAt('x-delivery-limit');
  if (deliveryLimit !== undefined) facts.push(deliveryLimit < 0 ? 'no delivery limit' : `${deliveryLimit} deliveries`);
  if (plainArgument(table['x-single-active-consumer']) === true) facts.push('single active consumer');
  const maxAge = plainArgument(table['x-max-age']);
  if (typeof maxAge === 'string') facts.push(`keeps ${maxAge}`);
  return facts.join(' · ');
}

/** `rabbitmq.exchange`: takes messages from publishers and passes them on to queues and exchanges. */
export const exchangeNode: NodeDescriptor = {
  type: 'rabbitmq.exchange',
  noun: 'exchange',
  label: 'Exchange',
  description: 'Passes each message on to the queues and exchanges whose bindings match.',
  icon: 'arrows-split',
  accent: 'indigo',
  inBroker: true,
  takesMessages: true,
  fields: [
    ...identityFields('exchange'),
    {
      path: ['exchangeType'],
      control: 'select',
      label: 'Type',
      default: 'topic',
      allowOther: true,
      options: EXCHANGE_TYPES.map((option) => ({ ...option })),
      help: 'How messages are matched with bindings. Cannot be changed after the exchange was made.',
      docsUrl: docs.exchangeTypes,
    },
    {
      path: ['durable'],
      control: 'switch',
      label: 'Durable',
      group: 'Lifetime',
      default: true,
      help: 'Survives a restart of the broker. Default: on.',
      docsUrl: docs.exchanges,
    },
    {
      path: ['autoDelete'],
      control: 'switch',
      label: 'Auto-delete',
      group: 'Lifetime',
      default: false,
      help: 'Deleted when its last binding goes. Default: off.',
      docsUrl: docs.exchanges,
    },
    {
      path: ['internal'],
      control: 'switch',
      label: 'Internal',
      group: 'Routing',
      default: false,
      help: 'Publishers cannot reach it; only other exchanges and dead letters can. Default: off.',
      docsUrl: docs.exchanges,
    },
    ...argumentFields('exchange'),
    customArguments('exchange'),
    ownershipField,
  ],
  create: () => ({
    name: 'exchange',
    settings: { exchangeType: 'topic', durable: true, autoDelete: false, internal: false, arguments: {} },
  }),
  summary: summariseExchange,
};

/** `rabbitmq.queue`: keeps messages until a consumer takes them. */
export const queueNode: NodeDescriptor = {
  type: 'rabbitmq.queue',
  noun: 'queue',
  label: 'Queue',
  description: 'Keeps messages until a consumer takes them: classic, quorum or stream.',
  icon: 'stack-2',
  accent: 'orange',
  inBroker: true,
  takesMessages: true,
  feedsHandlers: true,
  fields: [
    ...identityFields('queue'),
    ...(queueTypeField ? [{ ...queueTypeField, group: undefined, placeholder: 'default of the virtual host' }] : []),
    {
      path: ['durable'],
      control: 'switch',
      label: 'Durable',
      group: 'Lifetime',
      default: true,
      help: 'Survives a restart of the broker. Default: on; quorum queues and streams always are. Transient queues are refused by default since RabbitMQ 4.3.',
      docsUrl: docs.queueProperties,
      appliesTo: ({ settings }) => settings['durable'] === false || !isStreamOrQuorum(settings),
    },
    {
      path: ['autoDelete'],
      control: 'switch',
      label: 'Auto-delete',
      group: 'Lifetime',
      default: false,
      help: 'Deleted, with its messages, when its last consumer goes. Default: off.',
      docsUrl: docs.queueProperties,
      appliesTo: ({ settings }) => settings['autoDelete'] === true || !isStreamOrQuorum(settings),
    },
    ...argumentFields('queue', ['x-queue-type']),
    customArguments('queue'),
    ownershipField,
  ],
  create: () => ({ name: 'queue', settings: { durable: true, autoDelete: false, arguments: {} } }),
  summary: summariseQueue,
};
