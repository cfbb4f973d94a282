import type { Json } from '@shared/flow/schema';
import { z } from 'zod';

/** Does a behaviour do nothing outside of Tapline, so that it may be tried? */
export function mayTry(behaviour: unknown): boolean {
  return behaviour === 'script' || behaviour === 'route';
}

/** A handler node and the message it is tried on. */
export const tryRequestSchema = z.object({
  node: z.string(),
  message: z.object({
    routingKey: z.string().default(''),
    type: z.string().optional(),
    headers: z.record(z.string(), z.json()).default({}),
    body: z.string().max(1_000_000).default(''),
    attempt: z.number().int().min(1).default(1),
  }),
});
export type TryRequest = z.infer<typeof tryRequestSchema>;

/** A message that the handler would send. */
export interface TriedForward {
  output: string;
  /** Absent: the link's own, else that of the handled message. */
  routingKey?: string;
  /** Absent: those of the handled message. */
  headers?: Record<string, Json>;
  contentType?: string;
  body: string;
  isBase64: boolean;
  /** Only the beginning of the body is here. */
  isCut: boolean;
  /** Size of the whole body. */
  bytes: number;
}

/** What a handler made of a sample message. */
export interface TryReport {
  forwards: TriedForward[];
  logs: string[];
  /** See Handled of main/handlers. */
  route?: string | null;
  failure?: { type: string; message: string };
}
