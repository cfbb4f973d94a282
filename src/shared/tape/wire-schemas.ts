import type { Json } from '@shared/flow/schema';
import type { Counter, CounterName, Counters } from '@shared/traffic/counter';
import type { Body, Phase, TrafficEvent } from '@shared/traffic/event';
import type { BrokerStatus, Frame, TapReport, Trouble } from '@shared/traffic/frame';
import { z } from 'zod';

/** Schemas of what travels from engine to view, for where it comes back from a file. The types in `shared/traffic` decide. */

const json = z.json() as z.ZodType<Json>;
const table = z.record(z.string(), json);

const phaseSchema = z.enum([
  'published',
  'confirmed',
  'returned',
  'routed',
  'delivered',
  'logged',
  'unmatched',
  'acked',
  'failed',
  'retried',
  'rejected',
  'requeued',
  'dead-lettered',
  'expired',
  'dropped',
] satisfies Phase[]);

const bodySchema: z.ZodType<Body> = z.discriminatedUnion('format', [
  z.object({ format: z.enum(['json', 'text']), text: z.string(), cut: z.boolean() }),
  z.object({ format: z.literal('hex'), text: z.string().regex(/^([0-9a-f]{2})*$/), cut: z.boolean() }),
  z.object({ format: z.literal('masked') }),
]);

export const eventSchema: z.ZodType<TrafficEvent> = z.object({
  seq: z.number(),
  at: z.number(),
  node: z.string(),
  link: z.string().optional(),
  phase: phaseSchema,
  messageId: z.string().optional(),
  exchange: z.string().optional(),
  routingKey: z.string().optional(),
  queue: z.string().optional(),
  sizeBytes: z.number(),
  body: bodySchema.optional(),
  headers: table.optional(),
  properties: table.optional(),
  reason: z.string().optional(),
  attempt: z.number().optional(),
  delayMs: z.number().optional(),
  inferred: z.boolean().optional(),
  masked: z.array(z.string()).optional(),
});

const counterNameSchema = z.enum([
  'published',
  'confirmed',
  'returned',
  'routed',
  'unroutable',
  'delivered',
  'acked',
  'redelivered',
  'retried',
  'failed',
  'rejected',
  'deadLettered',
  'tapped',
  'publishIn',
  'ready',
  'unacked',
  'consumers',
] satisfies CounterName[]);

const counterSchema: z.ZodType<Counter> = z.object({
  value: z.number().nullable(),
  source: z.enum(['own', 'tap', 'broker', 'sandbox', 'computed', 'inferred']),
  completeness: z.enum(['exact', 'atLeast', 'unknown']),
  asOf: z.number(),
});
const setsSchema = z.record(z.string(), z.partialRecord(counterNameSchema, counterSchema));
export const countersSchema: z.ZodType<Counters> = z.object({ nodes: setsSchema, links: setsSchema });

export const brokerStatusSchema: z.ZodType<BrokerStatus> = z.discriminatedUnion('state', [
  z.object({ state: z.literal('idle') }),
  z.object({ state: z.literal('connecting') }),
  z.object({ state: z.literal('connected'), since: z.number() }),
  z.object({
    state: z.literal('reconnecting'),
    attempt: z.number(),
    nextAttemptAt: z.number(),
    lastError: z.string(),
  }),
  z.object({ state: z.literal('blocked'), reason: z.string() }),
  z.object({ state: z.literal('failed'), lastError: z.string() }),
]);

export const tapReportSchema: z.ZodType<TapReport> = z.object({
  node: z.string(),
  tapped: z.boolean(),
  reason: z.string().optional(),
});

export const troubleSchema: z.ZodType<Trouble> = z.object({
  link: z.string(),
  node: z.string(),
  sentence: z.string(),
  since: z.number(),
});

export const noticeSchema: z.ZodType<Frame['notices'][number]> = z.object({
  at: z.number(),
  severity: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  subjectNode: z.string().optional(),
});
