import { z } from 'zod';
import { httpSettingsSchema } from './http';
import { retryPolicySchema } from './retry';
import { routeSettingsSchema } from './route';
import { scriptSettingsSchema } from './script';

/** Who executes a publisher or handler: Tapline, or a service of the user's that is only shown. */
const runsIn = z.enum(['tapline', 'elsewhere']).default('tapline');

/** AMQP basic properties a publisher may set; the names are AMQP's. Text fields are templates. */
const propertiesSchema = z.looseObject({
  contentType: z.string().default('application/json'),
  contentEncoding: z.string().optional(),
  persistent: z.boolean().default(true),
  priority: z.number().int().min(0).max(255).optional(),
  correlationId: z.string().optional(),
  replyTo: z.string().optional(),
  /** Milliseconds, as AMQP's string. */
  expiration: z.string().optional(),
  /** Default `{{uuid}}`. */
  messageId: z.string().default('{{uuid}}'),
  timestamp: z.boolean().default(true),
  type: z.string().optional(),
  userId: z.string().optional(),
  appId: z.string().optional(),
});

/** Settings of a `publisher` node. */
export const publisherSettingsSchema = z.looseObject({
  runsIn,
  /** Template; see shared/kinds/common/template.ts for `{{seq}}`, `{{uuid}}`, `{{now}}` and faker fields. */
  body: z.string().default('{\n  "id": "{{seq}}"\n}'),
  /** Template; used by every publish link that has none of its own. */
  routingKey: z.string().default(''),
  headers: z.record(z.string(), z.json()).default({}),
  properties: propertiesSchema.default(propertiesSchema.parse({})),
  /** Messages per second while running; 0 publishes only on request. */
  ratePerSecond: z.number().min(0).max(50_000).default(1),
  /** Stop after so many; absent: until stopped. */
  count: z.number().int().min(1).optional(),
  /** Messages sent at once per beat; the rate counts messages, not beats. */
  burst: z.number().int().min(1).max(10_000).default(1),
});

/** Settings of a `publish` link. */
export const publishSettingsSchema = z.looseObject({
  routingKey: z.string().optional(),
  /** From a handler: what its rules and scripts call this output. Default: the target's name. */
  output: z.string().optional(),
});

/** Latency of a simulated handler, milliseconds. */
const latencySchema = z
  .discriminatedUnion('shape', [
    z.strictObject({ shape: z.literal('fixed'), ms: z.number().min(0) }),
    z.strictObject({ shape: z.literal('uniform'), minMs: z.number().min(0), maxMs: z.number().min(0) }),
    z.strictObject({ shape: z.literal('normal'), meanMs: z.number().min(0), deviationMs: z.number().min(0) }),
  ])
  .default({ shape: 'fixed', ms: 50 });

/** Settings of a `handler` node. */
export const handlerSettingsSchema = z.looseObject({
  runsIn,
  /** `log` acks everything; `simulate` waits, and fails now and then into a reject. Further behaviours are open strings. */
  behaviour: z.string().default('log'),
  latency: latencySchema,
  /** Share of messages that fail, 0 to 1. A failed message is rejected without requeue: its queue dead-letters it. */
  failureRate: z.number().min(0).max(1).default(0),
  /** Of `simulate`: AMQP topic patterns of routing keys whose messages always fail. */
  failingKeys: z.array(z.string()).default([]),
  route: routeSettingsSchema.prefault({}),
  http: httpSettingsSchema.prefault({}),
  script: scriptSettingsSchema.prefault({}),
  /** Unacked messages the broker may send ahead, per consumer. */
  prefetch: z.number().int().min(1).max(65_535).default(10),
  /** Messages handled at the same time. */
  concurrency: z.number().int().min(1).max(1000).default(1),
  /** For `elsewhere`: how its live consumers are recognised. */
  matchConnectionName: z.string().optional(),
  matchConsumerTag: z.string().optional(),
  matchUser: z.string().optional(),
});

/** Settings of a `consume` link. */
export const consumeSettingsSchema = z.looseObject({
  /** `x-priority`: consumers with a higher number are served first. */
  priority: z.number().int().optional(),
  exclusive: z.boolean().default(false),
  /** Absent: a failed message is rejected without requeue. */
  retry: retryPolicySchema.optional(),
});

export type PublisherSettings = z.infer<typeof publisherSettingsSchema>;
export type PublishSettings = z.infer<typeof publishSettingsSchema>;
export type HandlerSettings = z.infer<typeof handlerSettingsSchema>;
export type ConsumeSettings = z.infer<typeof consumeSettingsSchema>;
