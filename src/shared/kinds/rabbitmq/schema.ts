import { z } from 'zod';

const table = z.record(z.string(), z.json());

/** Settings of a `rabbitmq.exchange` node. The alternate exchange is a link, never an argument here. */
export const exchangeSettingsSchema = z.looseObject({
  /** Default: the vhost of the connection's URL. */
  vhost: z.string().optional(),
  exchangeType: z.string().min(1).default('topic'),
  durable: z.boolean().default(true),
  autoDelete: z.boolean().default(false),
  internal: z.boolean().default(false),
  arguments: table.default({}),
});

/** Settings of a `rabbitmq.queue` node. Dead-letter exchange and key are a link, never arguments here; the queue type is `arguments['x-queue-type']`. */
export const queueSettingsSchema = z.looseObject({
  vhost: z.string().optional(),
  durable: z.boolean().default(true),
  autoDelete: z.boolean().default(false),
  arguments: table.default({}),
});

/** Settings of a `binding` link: all bindings between one pair, as rows. */
export const bindingSettingsSchema = z.looseObject({
  rows: z
    .array(z.looseObject({ routingKey: z.string().default(''), arguments: table.default({}) }))
    .min(1)
    .default([{ routingKey: '', arguments: {} }]),
});

/** Settings of a `dead-letter` link. Without a key the message keeps its own. A link to a queue means the default exchange with the queue's name as key. */
export const deadLetterSettingsSchema = z.looseObject({ routingKey: z.string().optional() });

/** Settings of an `alternate` link. */
export const alternateSettingsSchema = z.looseObject({});

const policySchema = z.looseObject({
  vhost: z.string().optional(),
  name: z.string(),
  pattern: z.string().default(''),
  applyTo: z.enum(['all', 'exchanges', 'queues', 'classic_queues', 'quorum_queues', 'streams']).default('all'),
  priority: z.number().int().default(0),
  definition: table.default({}),
});

/** `brokers[id].settings` of kind `rabbitmq`. Records are keyed by stable ids. */
export const rabbitBrokerSettingsSchema = z.looseObject({
  vhosts: z
    .record(
      z.string(),
      z.looseObject({
        description: z.string().optional(),
        defaultQueueType: z.string().optional(),
        tags: z.array(z.string()).optional(),
        limits: table.optional(),
      }),
    )
    .default({}),
  policies: z.record(z.string(), policySchema).default({}),
  operatorPolicies: z.record(z.string(), policySchema).default({}),
  parameters: z
    .record(
      z.string(),
      z.looseObject({ vhost: z.string().optional(), component: z.string(), name: z.string(), value: z.json() }),
    )
    .default({}),
  globalParameters: z.record(z.string(), z.looseObject({ name: z.string(), value: z.json() })).default({}),
});

export type ExchangeSettings = z.infer<typeof exchangeSettingsSchema>;
export type QueueSettings = z.infer<typeof queueSettingsSchema>;
export type BindingSettings = z.infer<typeof bindingSettingsSchema>;
export type DeadLetterSettings = z.infer<typeof deadLetterSettingsSchema>;
export type RabbitBrokerSettings = z.infer<typeof rabbitBrokerSettingsSchema>;
