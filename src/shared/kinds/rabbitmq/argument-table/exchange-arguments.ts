import type { RabbitArgument } from '../arguments';
import { docs } from '../docs';

/** Arguments of exchanges, in the order of forms. */
export const EXCHANGE_ARGUMENTS: readonly RabbitArgument[] = [
  {
    on: 'exchange',
    key: 'alternate-exchange',
    label: 'Alternate exchange',
    group: 'Routing',
    help: 'Where messages go that no binding matches. Drawn as an alternate link.',
    docsUrl: docs.alternateExchange,
    value: { type: 'text' },
    policyKey: 'alternate-exchange',
    link: 'alternate',
  },
  {
    on: 'exchange',
    key: 'hash-header',
    label: 'Hash a header',
    group: 'Routing',
    help: 'Name of the header that is hashed in place of the routing key.',
    docsUrl: docs.consistentHash,
    value: { type: 'text' },
    exchangeTypes: ['x-consistent-hash'],
  },
  {
    on: 'exchange',
    key: 'hash-property',
    label: 'Hash a property',
    group: 'Routing',
    help: 'Message property that is hashed in place of the routing key.',
    docsUrl: docs.consistentHash,
    value: {
      type: 'choice',
      options: [
        { value: 'correlation_id', label: 'Correlation id' },
        { value: 'message_id', label: 'Message id' },
        { value: 'timestamp', label: 'Timestamp' },
      ],
    },
    exchangeTypes: ['x-consistent-hash'],
  },
  {
    on: 'exchange',
    key: 'x-delayed-type',
    label: 'Delayed type',
    group: 'Routing',
    help: 'Exchange type that routes a message once its x-delay (ms, a header) is over. Required.',
    docsUrl: docs.delayedExchange,
    value: {
      type: 'choice',
      options: [
        { value: 'direct', label: 'Direct' },
        { value: 'topic', label: 'Topic' },
        { value: 'fanout', label: 'Fanout' },
        { value: 'headers', label: 'Headers' },
      ],
    },
    exchangeTypes: ['x-delayed-message'],
  },
  {
    on: 'exchange',
    key: 'x-recent-history-length',
    label: 'Messages kept',
    group: 'Routing',
    help: 'How many recent messages a newly bound queue gets. Default: 20.',
    docsUrl: docs.recentHistory,
    value: { type: 'integer', unit: 'messages', min: 0, default: 20 },
    exchangeTypes: ['x-recent-history'],
  },
];
