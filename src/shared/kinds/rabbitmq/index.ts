import type { Kind } from '@shared/kinds/registry';
import { checkRabbit } from './check';
import { derivedRabbit } from './derived';
import { rabbitmqDescriptor } from './descriptor';
import { acceptFound } from './plan/accept';
import { compileExplainer } from './route/explain';
import {
  alternateSettingsSchema,
  bindingSettingsSchema,
  deadLetterSettingsSchema,
  exchangeSettingsSchema,
  queueSettingsSchema,
  rabbitBrokerSettingsSchema,
} from './schema';

/** RabbitMQ as a kind of broker. */
export const rabbitmq: Kind = {
  descriptor: rabbitmqDescriptor,
  settingsSchemas: {
    broker: rabbitBrokerSettingsSchema,
    'rabbitmq.exchange': exchangeSettingsSchema,
    'rabbitmq.queue': queueSettingsSchema,
    binding: bindingSettingsSchema,
    'dead-letter': deadLetterSettingsSchema,
    alternate: alternateSettingsSchema,
  },
  check: checkRabbit,
  derived: derivedRabbit,
  accept: acceptFound,
  hops: (flow, broker) => {
    const explain = compileExplainer(flow, broker);
    return ({ exchange, ...message }) => (exchange === undefined ? [] : explain({ ...message, exchange }).hops);
  },
};
