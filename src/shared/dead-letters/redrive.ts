import { z } from 'zod';
import type { DeadLetter, DeadLetterQueueState, Home } from './dead-letter';

/** A dead-letter queue of the open flow. */
export const queueRefSchema = z.object({ broker: z.string(), vhost: z.string(), name: z.string() });
export type QueueRef = z.infer<typeof queueRefSchema>;

/** See DeadLetterFilter. */
export const filterSchema = z.object({
  text: z.string().optional(),
  key: z.string().optional(),
  header: z.object({ name: z.string(), value: z.string().optional() }).optional(),
  reason: z.string().optional(),
  from: z.string().optional(),
  exception: z.string().optional(),
  type: z.string().optional(),
  olderThanMs: z.number().min(0).optional(),
  newerThanMs: z.number().min(0).optional(),
  maxRedriven: z.number().int().min(0).optional(),
});

/** What to redrive, and where to. */
export const redriveRequestSchema = z.object({
  queue: queueRefSchema,
  /** Only these, by fingerprint; an id given twice stands for two equal messages. Default: all that the filter lets through. */
  ids: z.array(z.string()).optional(),
  filter: filterSchema.default({}),
  /** Default: each message to its own home. Without a key, the one each was published with. */
  to: z.object({ exchange: z.string(), routingKey: z.string().optional() }).optional(),
  /** Straight into the queue where it died, or through the exchange by which it came, to all who are bound to it. */
  reach: z.enum(['queue', 'exchange']).default('queue'),
  /** Most messages redriven. */
  limit: z.number().int().min(1).optional(),
  ratePerSecond: z.number().positive().optional(),
  /** By fingerprint: what to change before sending. */
  edits: z
    .record(z.string(), z.object({ body: z.string().optional(), headers: z.record(z.string(), z.json()).optional() }))
    .default({}),
});
export type RedriveRequestInput = z.input<typeof redriveRequestSchema>;
export type RedriveOrder = z.output<typeof redriveRequestSchema>;

/** A redrive that ended in the middle: killed, or its connection lost. */
export interface UnfinishedRedrive {
  /** Epoch milliseconds. */
  startedAt: number;
  /** Confirmed. Those that were not taken out of the queue any more and have a message id are recognised and not sent again. */
  confirmed: number;
  /** Sent without an answer: whether they arrived cannot be known; they will be sent again. */
  uncertain: number;
}

/** A dead-letter queue in the list. */
export interface ListedQueue extends DeadLetterQueueState {
  unfinished?: UnfinishedRedrive;
}

/** All dead-letter queues of the flow, and brokers that could not be asked. */
export interface DeadLetterOverview {
  queues: ListedQueue[];
  problems: { broker: string; message: string; hint?: string }[];
}

/** What one read of a queue found. */
export interface ReadLetters {
  /** In the order of the queue; bodies are masked on protected environments. */
  letters: DeadLetter[];
  /** Sentences: what was cut short, copied, or cannot be told. */
  notices: string[];
  readAt: number;
}

/** Messages that go to one place. */
export interface PreviewTarget {
  home: Pick<Home, 'exchange' | 'routingKey' | 'why' | 'inferred'>;
  count: number;
  /** Queues that get a copy by the drawing; null where that cannot be told. */
  reaches: string[] | null;
  /** Why it cannot work, as a sentence. */
  problem?: string;
}

/** What a redrive would do. Nothing was changed, and no message read, to know it. */
export interface RedrivePreview {
  /** Messages in the queue now: the most that will be looked at. */
  depth: number | null;
  /** How many were read before, so that more than their number is known of them. */
  known: number;
  /** Of those known, how many are meant. */
  matching: number;
  /** By place, of those known; where none is known, the place that the request or the drawing gives. */
  targets: PreviewTarget[];
  /** Sentences: what may go wrong. */
  warnings: string[];
  unfinished?: UnfinishedRedrive;
}

/** Numbers of a redrive at its end. */
export interface RedriveSummary {
  redriven: number;
  /** No queue took them; they were put back. */
  returned: number;
  /** The broker refused them; they were put back. */
  failed: number;
  /** Messages in the queue now; null when it could not be asked. */
  left: number | null;
  /** Looked at and put back: not meant, or nothing tells where they belong. */
  skipped: number;
  /** Of those skipped: nothing tells where they belong. */
  homeless: number;
  /** Confirmed to a run that was killed before; only taken out of the queue now. */
  alreadySent: number;
  /** Sent by a run that was killed before, without an answer, and sent again now: these may arrive twice. */
  maybeTwice: number;
  ended: 'done' | 'cancelled' | 'lost';
  /** Why it was lost. */
  error?: { code: string; message: string; hint?: string };
}

/** A redrive under way. */
export interface RedriveJob {
  jobId: string;
  queue: QueueRef;
  state: 'running' | 'paused' | 'cancelling' | 'ended';
  /** Rises with every change. */
  version: number;
  /** Most messages it will look at. */
  total: number;
  looked: number;
  redriven: number;
  returned: number;
  failed: number;
  skipped: number;
  summary?: RedriveSummary;
}
