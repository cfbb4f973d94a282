import type { LinkDescriptor, SettingsRecord } from '@shared/kinds/descriptor';
import { argumentsOf } from './descriptor-arguments';
import { docs } from './docs';

const EXCHANGE = 'rabbitmq.exchange';
const QUEUE = 'rabbitmq.queue';

function rowsOf(settings: SettingsRecord): SettingsRecord[] {
  const rows = settings['rows'];
  return Array.isArray(rows) ? rows.filter((row) => typeof row === 'object' && row !== null) : [];
}

function isTable(value: unknown): value is SettingsRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function printValue(value: unknown): string {
  if (value === null || (isTable(value) && value['$type'] === 'void')) return 'any';
  if (isTable(value) && '$type' in value) return String(value['value']);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `order.*`, or for header matches `region=eu & express`. */
function summariseRow(row: SettingsRecord): string {
  const key = typeof row['routingKey'] === 'string' ? row['routingKey'] : '';
  const table = argumentsOf(row);
  const joiner = String(table['x-match'] ?? 'all').startsWith('any') ? ' | ' : ' & ';
  const matches = Object.entries(table)
    .filter(([name]) => name !== 'x-match')
    .map(([name, value]) => `${name}=${printValue(value)}`);
  return [key, matches.join(joiner)].filter(Boolean).join('  ');
}

/** All bindings between one exchange and one queue or exchange. */
const bindingLink: LinkDescriptor = {
  type: 'binding',
  label: 'Binding',
  description: 'Messages that match go from the exchange to the queue or exchange.',
  accent: 'indigo',
  stroke: 'solid',
  between: [
    { from: EXCHANGE, to: QUEUE },
    { from: EXCHANGE, to: EXCHANGE },
  ],
  fields: [
    {
      path: ['rows'],
      control: 'rows',
      label: 'Bindings',
      itemLabel: 'Binding',
      help: 'Each row is a binding of its own; a message that matches several arrives once.',
      docsUrl: docs.bindings,
      fields: [
        {
          path: ['routingKey'],
          control: 'text',
          label: 'Routing key',
          placeholder: 'order.*',
          maxBytes: 255,
          help: 'Direct: equal to the message’s key. Topic: a pattern, * is one word and # any number. Fanout and headers ignore it. Consistent hash: the weight.',
          docsUrl: docs.topicExchange,
        },
        {
          path: ['arguments', 'x-match'],
          control: 'select',
          label: 'Headers match',
          help: 'For headers exchanges. Default: all.',
          docsUrl: docs.headersExchange,
          default: 'all',
          options: [
            { value: 'all', label: 'All', help: 'Every header listed; names that begin with x- are not compared.' },
            { value: 'any', label: 'Any', help: 'At least one; names that begin with x- are not compared.' },
            { value: 'all-with-x', label: 'All, x- too', help: 'Every header listed. Needs RabbitMQ 3.10.' },
            { value: 'any-with-x', label: 'Any, x- too', help: 'At least one. Needs RabbitMQ 3.10.' },
          ],
          appliesTo: ({ settings }) => Object.keys(argumentsOf(settings)).length > 0,
        },
        {
          path: ['arguments'],
          control: 'arguments',
          label: 'Headers',
          help: 'For headers exchanges: values to compare, type included; a void value only asks that the header is there.',
          docsUrl: docs.headersExchange,
          hideKeys: ['x-match'],
        },
      ],
    },
  ],
  create: () => ({ rows: [{ routingKey: '', arguments: {} }] }),
  summary: (settings) => rowsOf(settings).map(summariseRow).filter(Boolean).join(', '),
};

/** The dead-letter exchange and key of a queue; to a queue it means the default exchange with the queue's name. */
const deadLetterLink: LinkDescriptor = {
  type: 'dead-letter',
  label: 'Dead letters',
  description: 'Rejected, expired and overflowing messages of the queue go there.',
  accent: 'red',
  stroke: 'dashed',
  between: [
    { from: QUEUE, to: EXCHANGE },
    { from: QUEUE, to: QUEUE },
  ],
  fields: [
    {
      path: ['routingKey'],
      control: 'text',
      label: 'Routing key',
      placeholder: 'the message’s own',
      maxBytes: 255,
      help: 'Key the dead letters get. Default: the one they had; to a queue it is the queue’s name.',
      docsUrl: docs.deadLettering,
    },
  ],
  create: () => ({}),
  summary: (settings) => {
    const key = settings['routingKey'];
    return typeof key === 'string' && key ? `dead letters, ${key}` : 'dead letters';
  },
};

/** Where an exchange sends what no binding matches. */
const alternateLink: LinkDescriptor = {
  type: 'alternate',
  label: 'Alternate',
  description: 'Messages that no binding of the exchange matches go there.',
  accent: 'grape',
  stroke: 'dotted',
  between: [{ from: EXCHANGE, to: EXCHANGE }],
  fields: [],
  create: () => ({}),
  summary: () => 'unrouted',
};

/** Links of RabbitMQ; for a pair that several allow, the first is offered first. */
export const rabbitLinks: LinkDescriptor[] = [bindingLink, deadLetterLink, alternateLink];
