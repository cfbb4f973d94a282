import type { NodeDescriptor } from '@shared/kinds/descriptor';
import { behaviourOptions, httpFields, routeFields, scriptFields } from './behaviour-fields';
import { nameField, notesField, runsElsewhere, runsHere, runsInField, text } from './common-fields';
import { simulateFields } from './simulate-fields';

/** Takes messages. */
export const handler: NodeDescriptor = {
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
    const fails = [
      ...(rate > 0 ? [`${Math.round(rate * 100)} %`] : []),
      ...(Array.isArray(settings.failingKeys) ? settings.failingKeys : []),
    ];
    return fails.length > 0 ? `simulate · ${fails.join(', ')} fail` : 'simulate';
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
    ...simulateFields,
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
