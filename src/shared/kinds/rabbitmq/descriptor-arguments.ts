import type { Field, FieldContext, SettingsRecord } from '@shared/kinds/descriptor';
import { plainArgument } from './argument-values';
import {
  argumentBoundaries,
  judgeArgument,
  QUEUE_TYPES,
  type QueueType,
  RABBIT_ARGUMENTS,
  type RabbitArgument,
} from './arguments';
import { erasBetween } from './version';

/** Exchange types that RabbitMQ itself has, then those of its plugins; any other name may be typed. */
export const EXCHANGE_TYPES = [
  { value: 'direct', label: 'Direct', help: 'To queues whose binding key equals the routing key.' },
  { value: 'topic', label: 'Topic', help: 'By pattern over words between dots: * is one word, # any number.' },
  { value: 'fanout', label: 'Fanout', help: 'To every bound queue; keys are ignored.' },
  { value: 'headers', label: 'Headers', help: 'By message headers instead of the routing key.' },
  {
    value: 'x-consistent-hash',
    label: 'Consistent hash',
    help: 'Plugin: spreads keys over queues; the binding key is a weight.',
  },
  {
    value: 'x-modulus-hash',
    label: 'Modulus hash',
    help: 'Plugin, in the core since 4.3: spreads keys over bound queues.',
  },
  { value: 'x-random', label: 'Random', help: 'Plugin: to one bound queue, at random.' },
  {
    value: 'x-local-random',
    label: 'Local random',
    help: 'RabbitMQ 4.0: to a queue of the publisher’s own node, at random.',
  },
  {
    value: 'x-recent-history',
    label: 'Recent history',
    help: 'Plugin: a fanout that replays recent messages to new queues.',
  },
  {
    value: 'x-delayed-message',
    label: 'Delayed message',
    help: 'Plugin: routes when the header x-delay (ms) is over.',
  },
] as const;

/** The type of the queue being edited; without one the vhost decides, which is nearly always classic. */
function editedQueueType(settings: SettingsRecord): QueueType {
  const chosen = plainArgument(argumentsOf(settings)['x-queue-type']);
  return QUEUE_TYPES.find((type) => type === chosen) ?? 'classic';
}

/** The argument table inside the settings of a node. */
export function argumentsOf(settings: SettingsRecord): SettingsRecord & Record<string, never> {
  const table = settings['arguments'];
  return (typeof table === 'object' && table !== null && !Array.isArray(table) ? table : {}) as Record<string, never>;
}

/** A field is shown where it has an effect, and wherever it is already set, so that it can be cleared. */
function isShown(argument: RabbitArgument, { settings, brokerVersion }: FieldContext): boolean {
  if (argumentsOf(settings)[argument.key] !== undefined) return true;
  if (argument.legacy) return false;
  if (argument.exchangeTypes) return argument.exchangeTypes.includes(String(settings['exchangeType']));
  if (argument.on === 'exchange') return true;
  const queueType = editedQueueType(settings);
  const versions = brokerVersion
    ? [brokerVersion]
    : erasBetween(argumentBoundaries(argument)).map(({ example }) => example);
  return versions.some((version) => judgeArgument(argument, queueType, version) === 'effective');
}

function toField(argument: RabbitArgument): Field {
  const base = {
    path: ['arguments', argument.key],
    label: argument.label,
    help: argument.help,
    docsUrl: argument.docsUrl,
    group: argument.group,
    appliesTo: (context: FieldContext) => isShown(argument, context),
  };
  const rule = argument.value;
  switch (rule.type) {
    case 'integer':
      return {
        ...base,
        control: 'number',
        integer: true,
        unit: rule.unit,
        min: rule.min,
        max: rule.max,
        default: rule.default,
      };
    case 'boolean':
      return { ...base, control: 'switch', default: rule.default };
    case 'choice':
      return {
        ...base,
        control: 'select',
        options: rule.options
          .filter(({ deprecated }) => !deprecated)
          .map(({ value, label, help }) => ({ value, label, ...(help ? { help } : {}) })),
        default: rule.default,
      };
    case 'text':
      return { ...base, control: 'text', placeholder: rule.placeholder };
  }
}

/** Form fields of the known arguments of queues or exchanges, except those drawn as links. */
export function argumentFields(on: 'queue' | 'exchange', except: string[] = []): Field[] {
  return RABBIT_ARGUMENTS.filter(
    (argument) => argument.on === on && !argument.link && !except.includes(argument.key),
  ).map(toField);
}

/** Arguments with a field of their own or drawn as a link: hidden in the table of custom arguments. */
export function keysWithField(on: 'queue' | 'exchange'): string[] {
  return RABBIT_ARGUMENTS.filter((argument) => argument.on === on).map(({ key }) => key);
}
