import { FEEDS_HANDLERS, type KindDescriptor, type LinkDescriptor, TAKES_MESSAGES } from '@shared/kinds/descriptor';
import { text } from './common-fields';
import { handler } from './descriptor-handler';
import { publisher } from './descriptor-publisher';
import { retryPolicyOf } from './retry';
import { retryFields } from './retry-fields';

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
