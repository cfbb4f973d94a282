import type { Field, KindDescriptor } from '@shared/kinds/descriptor';
import { isDeathHeader } from './death/headers';
import { rabbitLinks } from './descriptor-links';
import { exchangeNode, queueNode } from './descriptor-nodes';
import { docs } from './docs';

const policyFields: Field[] = [
  { path: ['name'], control: 'text', label: 'Name' },
  { path: ['vhost'], control: 'text', label: 'Virtual host', placeholder: 'that of the connection' },
  {
    path: ['pattern'],
    control: 'text',
    label: 'Pattern',
    placeholder: '^orders\\.',
    help: 'Regular expression over names; matches anywhere in the name unless anchored with ^ and $.',
    docsUrl: docs.policies,
  },
  {
    path: ['applyTo'],
    control: 'select',
    label: 'Applies to',
    default: 'all',
    options: [
      { value: 'all', label: 'Exchanges and queues' },
      { value: 'exchanges', label: 'Exchanges' },
      { value: 'queues', label: 'Queues' },
      { value: 'classic_queues', label: 'Classic queues' },
      { value: 'quorum_queues', label: 'Quorum queues' },
      { value: 'streams', label: 'Streams' },
    ],
  },
  {
    path: ['priority'],
    control: 'number',
    integer: true,
    label: 'Priority',
    default: 0,
    help: 'Only the matching policy with the highest priority applies to an object; policies are not merged.',
    docsUrl: docs.policies,
  },
  {
    path: ['definition'],
    control: 'arguments',
    label: 'Definition',
    help: 'Names as in arguments, without x-: message-ttl, dead-letter-exchange, max-length … An object’s own arguments win.',
    docsUrl: docs.policies,
  },
];

const policyRows = (key: string, label: string, itemLabel: string, help: string): Field => ({
  path: [key],
  control: 'rows',
  keyed: true,
  group: 'Policies',
  label,
  itemLabel,
  help,
  docsUrl: docs.policies,
  fields: policyFields,
});

/** What the window knows of RabbitMQ: palette, forms and link rules are drawn from this alone. */
export const rabbitmqDescriptor: KindDescriptor = {
  kind: 'rabbitmq',
  label: 'RabbitMQ',
  nodes: [exchangeNode, queueNode],
  links: rabbitLinks,
  brokerFields: [
    policyRows(
      'policies',
      'Policies',
      'Policy',
      'Settings for all objects whose name matches. Deployed with the flow.',
    ),
    policyRows(
      'operatorPolicies',
      'Operator policies',
      'Operator policy',
      'Set by whoever runs the broker; they win over policies and arguments, limits take the smaller number.',
    ),
  ],
  urlExample: 'amqp://user@host:5672/vhost',
  urlSchemes: ['amqp', 'amqps'],
  urlHelp: 'Several hosts: separated by commas.',
  urlPath: {
    label: 'Virtual host',
    placeholder: '/ (the default)',
    help: 'For nodes that name none of their own.',
  },
  passwordHint: 'guest, if the user is guest',
  // As measured on RabbitMQ 3.10 (README, “Watching”).
  watching: {
    counters: {
      what: 'Totals and queue depths as the broker counts them. No messages are seen.',
      cost: 'At saturation it costs the broker about 2 % of its rate.',
    },
    tap: {
      what: 'Messages too: a capped, exclusive queue with the same keys beside each exchange, where that changes nothing. A binding that is removed is followed within seconds. It ends by itself after 15 minutes, on an alarm or above 30,000 messages a second.',
      cost: 'At saturation the broker keeps somewhat more than half of its rate; at 2,000 messages a second it is not noticed.',
    },
  },
  hasManagementUrl: true,
  placeLabel: 'Exchange or queue',
  redrive: {
    ways: [
      {
        reach: 'queue',
        noun: 'queue',
        label: 'To the queue each died in',
        help: 'Only that queue gets it: others that are bound to the exchange have had their copy already.',
      },
      {
        reach: 'exchange',
        noun: 'exchange',
        label: 'As each was published',
        help: 'Through the exchange by which it came: every queue bound to it gets a copy again.',
      },
    ],
    elsewhere: [
      {
        part: 'exchange',
        label: 'Exchange',
        help: 'Empty: the default exchange, straight into the queue named by the key',
      },
      { part: 'routingKey', label: 'Routing key', help: 'Empty: the one each was published with' },
    ],
    isDeathHeader,
  },
  describeBroker: ({ name, settings }) => {
    const count = Object.keys(settings['policies'] ?? {}).length;
    return count === 0 ? name : `${name} · ${count} ${count === 1 ? 'policy' : 'policies'}`;
  },
};
