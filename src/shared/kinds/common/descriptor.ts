import {
  FEEDS_HANDLERS,
  type Field,
  type KindDescriptor,
  type LinkDescriptor,
  type NodeDescriptor,
  type SettingsRecord,
  TAKES_MESSAGES,
} from '@shared/kinds/descriptor';
import { behavesAs, behaviourOptions, httpFields, routeFields, scriptFields } from './behaviour-fields';
import { retryPolicyOf } from './retry';
import { retryFields } from './retry-fields';

const text = (value: unknown) => (typeof value === 'string' ? value : '');

const nameField: Field = { control: 'text', scope: 'entity', path: ['name'], label: 'Name' };
const notesField: Field = { control: 'textarea', scope: 'entity', path: ['notes'], label: 'Notes', group: 'Notes' };

const runsInField: Field = {
  control: 'select',
  path: ['runsIn'],
  label: 'Runs in',
  default: 'tapline',
  help: 'Tapline runs it when you press Run. “Elsewhere” stands for a service of yours: shown, never run.',
  options: [
    { value: 'tapline', label: 'Tapline' },
    { value: 'elsewhere', label: 'Elsewhere' },
  ],
};

const runsHere = ({ settings }: { settings: SettingsRecord }) => settings.runsIn !== 'elsewhere';
const runsElsewhere = ({ settings }: { settings: SettingsRecord }) => settings.runsIn === 'elsewhere';
const simulates = behavesAs('simulate');
const latencyShape = (settings: SettingsRecord) => {
  const { latency } = settings;
  return typeof latency === 'object' && latency !== null ? text((latency as SettingsRecord).shape) : 'fixed';
};
const hasLatency = (shape: string) => (context: { settings: SettingsRecord }) =>
  simulates(context) && latencyShape(context.settings) === shape;

const property = (key: string, label: string, help?: string): Field => ({
  control: 'text',
  path: ['properties', key],
  label,
  help,
  group: 'Properties',
  appliesTo: runsHere,
});

const publisher: NodeDescriptor = {
  type: 'publisher',
  noun: 'publisher',
  label: 'Publisher',
  description: 'Sends messages: on request, or at a rate while the flow runs.',
  icon: 'send',
  accent: 'teal',
  inBroker: false,
  create: () => ({ name: 'Publisher', settings: {} }),
  summary: ({ settings }) => {
    if (settings.runsIn === 'elsewhere') return 'runs elsewhere';
    const rate = typeof settings.ratePerSecond === 'number' ? settings.ratePerSecond : 1;
    const key = text(settings.routingKey);
    return [rate > 0 ? `${rate}/s` : 'on request', key].filter(Boolean).join(' · ');
  },
  fields: [
    nameField,
    runsInField,
    {
      control: 'text',
      path: ['routingKey'],
      label: 'Routing key',
      placeholder: 'order.created',
      maxBytes: 255,
      help: 'Used by every publish link that has no key of its own. May hold placeholders, such as order.{{seq}}.',
      appliesTo: runsHere,
    },
    {
      control: 'code',
      path: ['body'],
      label: 'Body',
      language: 'json',
      help: 'Placeholders: {{seq}} (1, 2, 3 …), {{uuid}}, {{now}}, and faker fields such as {{faker.person.fullName}}.',
      default: '{\n  "id": "{{seq}}"\n}',
      appliesTo: runsHere,
    },
    { control: 'arguments', path: ['headers'], label: 'Headers', appliesTo: runsHere },
    {
      control: 'number',
      path: ['ratePerSecond'],
      label: 'Rate',
      unit: 'messages/s',
      min: 0,
      max: 50_000,
      default: 1,
      help: '0 sends only on request.',
      group: 'While running',
      appliesTo: runsHere,
    },
    {
      control: 'number',
      path: ['count'],
      label: 'Stop after',
      unit: 'messages',
      min: 1,
      integer: true,
      help: 'Empty: until stopped.',
      group: 'While running',
      appliesTo: runsHere,
    },
    {
      control: 'number',
      path: ['burst'],
      label: 'Burst',
      unit: 'messages',
      min: 1,
      max: 10_000,
      integer: true,
      default: 1,
      help: 'Sent at once per beat; the rate counts messages, not beats.',
      group: 'While running',
      appliesTo: runsHere,
    },
    {
      control: 'switch',
      path: ['properties', 'persistent'],
      label: 'Persistent',
      default: true,
      help: 'Written to disk by durable queues.',
      group: 'Properties',
      appliesTo: runsHere,
    },
    property('contentType', 'Content type', 'Default: application/json.'),
    property('messageId', 'Message id', 'Default: {{uuid}}. Lets Tapline follow a message.'),
    property('correlationId', 'Correlation id'),
    property('type', 'Type'),
    {
      control: 'number',
      path: ['properties', 'priority'],
      label: 'Priority',
      min: 0,
      max: 255,
      integer: true,
      group: 'Properties',
      appliesTo: runsHere,
    },
    property('expiration', 'Expiration', 'Milliseconds after which the message dies in its queue.'),
    property('replyTo', 'Reply to'),
    property('contentEncoding', 'Content encoding'),
    property('appId', 'App id'),
    property('userId', 'User id', 'The broker refuses one that is not the connection’s user.'),
    {
      control: 'switch',
      path: ['properties', 'timestamp'],
      label: 'Timestamp',
      default: true,
      group: 'Properties',
      appliesTo: runsHere,
    },
    notesField,
  ],
};

const handler: NodeDescriptor = {
  type: 'handler',
  noun: 'handler',
  label: 'Handler',
  description: 'Consumes a queue: Tapline runs it, or a service of yours does.',
  icon: 'bolt',
  accent: 'orange',
  inBroker: false,
  create: () => ({ name: 'Handler', settings: { behaviour: 'log' } }),
  summary: ({ settings }) => {
    if (settings.runsIn === 'elsewhere') return 'runs elsewhere';
    if (settings.behaviour !== 'simulate') return text(settings.behaviour) || 'log';
    const rate = typeof settings.failureRate === 'number' ? settings.failureRate : 0;
    return rate > 0 ? `simulate · ${Math.round(rate * 100)} % fail` : 'simulate';
  },
  fields: [
    nameField,
    runsInField,
    {
      control: 'select',
      path: ['behaviour'],
      label: 'Behaviour',
      default: 'log',
      appliesTo: runsHere,
      options: behaviourOptions,
    },
    {
      control: 'select',
      path: ['latency', 'shape'],
      label: 'Latency',
      default: 'fixed',
      appliesTo: simulates,
      options: [
        { value: 'fixed', label: 'Fixed' },
        { value: 'uniform', label: 'Uniform' },
        { value: 'normal', label: 'Normal' },
      ],
    },
    {
      control: 'number',
      path: ['latency', 'ms'],
      label: 'Time',
      unit: 'ms',
      min: 0,
      default: 50,
      appliesTo: hasLatency('fixed'),
    },
    {
      control: 'number',
      path: ['latency', 'minMs'],
      label: 'From',
      unit: 'ms',
      min: 0,
      default: 20,
      appliesTo: hasLatency('uniform'),
    },
    {
      control: 'number',
      path: ['latency', 'maxMs'],
      label: 'To',
      unit: 'ms',
      min: 0,
      default: 200,
      appliesTo: hasLatency('uniform'),
    },
    {
      control: 'number',
      path: ['latency', 'meanMs'],
      label: 'Mean',
      unit: 'ms',
      min: 0,
      default: 100,
      appliesTo: hasLatency('normal'),
    },
    {
      control: 'number',
      path: ['latency', 'deviationMs'],
      label: 'Deviation',
      unit: 'ms',
      min: 0,
      default: 30,
      appliesTo: hasLatency('normal'),
    },
    {
      control: 'number',
      path: ['failureRate'],
      label: 'Failure rate',
      min: 0,
      max: 1,
      default: 0,
      help: 'Share of messages that fail, from 0 to 1. They are rejected without requeue: the queue dead-letters them, or drops them if it has no dead-letter exchange.',
      appliesTo: simulates,
    },
    ...routeFields,
    ...httpFields,
    ...scriptFields,
    {
      control: 'number',
      path: ['prefetch'],
      label: 'Prefetch',
      unit: 'messages',
      min: 1,
      max: 65_535,
      integer: true,
      default: 10,
      help: 'Unacknowledged messages the broker may send ahead.',
      group: 'Consuming',
      appliesTo: runsHere,
    },
    {
      control: 'number',
      path: ['concurrency'],
      label: 'Concurrency',
      unit: 'messages',
      min: 1,
      max: 1000,
      integer: true,
      default: 1,
      help: 'Handled at the same time.',
      group: 'Consuming',
      appliesTo: runsHere,
    },
    {
      control: 'text',
      path: ['matchConnectionName'],
      label: 'Connection name',
      help: 'Live consumers of a connection with this name are this handler.',
      appliesTo: runsElsewhere,
    },
    { control: 'text', path: ['matchConsumerTag'], label: 'Consumer tag', appliesTo: runsElsewhere },
    { control: 'text', path: ['matchUser'], label: 'User', appliesTo: runsElsewhere },
    notesField,
  ],
};

const publishLink: LinkDescriptor = {
  type: 'publish',
  label: 'Publish',
  description: 'The publisher or handler sends its messages there; to a queue through the default exchange.',
  accent: 'teal',
  stroke: 'solid',
  between: ['publisher', 'handler'].map((from) => ({ from, to: TAKES_MESSAGES })),
  fields: [
    {
      control: 'text',
      path: ['routingKey'],
      label: 'Routing key',
      placeholder: 'the publisher’s',
      maxBytes: 255,
      help: 'Default: the publisher’s key, or that of the message the handler got. To a queue it is always the queue’s name.',
    },
    {
      control: 'text',
      path: ['output'],
      label: 'Output',
      placeholder: 'the target’s name',
      help: 'From a handler: what its rules and scripts call this link. Links of one name all get what is sent there.',
    },
  ],
  create: () => ({}),
  summary: (settings) => [text(settings.output), text(settings.routingKey)].filter(Boolean).join(' · '),
};

const consumeLink: LinkDescriptor = {
  type: 'consume',
  label: 'Consume',
  description: 'The handler takes messages from the queue.',
  accent: 'orange',
  stroke: 'solid',
  role: 'consume',
  between: [{ from: FEEDS_HANDLERS, to: 'handler' }],
  fields: [
    {
      control: 'number',
      path: ['priority'],
      label: 'Consumer priority',
      integer: true,
      help: 'Consumers with a higher number are served first.',
    },
    {
      control: 'switch',
      path: ['exclusive'],
      label: 'Exclusive',
      default: false,
      help: 'Nobody else may consume the queue meanwhile.',
    },
    ...retryFields,
  ],
  create: () => ({}),
  summary: (settings) => {
    const attempts = retryPolicyOf(settings)?.attempts ?? 1;
    return attempts > 1 ? `${attempts} attempts` : '';
  },
};

/** Publishers and handlers, which live in Tapline or in services and join brokers of any kind. */
export const commonDescriptor: KindDescriptor = {
  kind: 'common',
  label: 'Messages',
  nodes: [publisher, handler],
  links: [publishLink, consumeLink],
  brokerFields: [],
  urlExample: '',
  urlSchemes: [],
  urlHelp: '',
  passwordHint: '',
  hasManagementUrl: false,
  placeLabel: '',
  describeBroker: () => '',
};
