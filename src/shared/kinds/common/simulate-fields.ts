import type { Field, SettingsRecord } from '@shared/kinds/descriptor';
import { behavesAs } from './behaviour-fields';
import { text } from './common-fields';

const simulates = behavesAs('simulate');
const latencyShape = (settings: SettingsRecord) => {
  const { latency } = settings;
  return typeof latency === 'object' && latency !== null ? text((latency as SettingsRecord).shape) : 'fixed';
};
const hasLatency = (shape: string) => (context: { settings: SettingsRecord }) =>
  simulates(context) && latencyShape(context.settings) === shape;

/** Form of the behaviour `simulate`. */
export const simulateFields: Field[] = [
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
  {
    control: 'texts',
    path: ['failingKeys'],
    label: 'Failing keys',
    placeholder: 'order.cancelled',
    help: 'Messages with these routing keys always fail. * is one word between dots, # any number.',
    appliesTo: simulates,
  },
];
