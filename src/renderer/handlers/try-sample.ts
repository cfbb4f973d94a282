import { mayTry } from '@shared/api/try-handler';
import type { FlowNode, Json } from '@shared/flow/schema';

/** A message to try a handler on, as the form holds it. */
export interface Sample {
  body: string;
  routingKey: string;
  type: string;
  /** JSON of a table; empty: none. */
  headers: string;
  attempt: number;
}

export const firstSample: Sample = {
  body: '{\n  "id": 1,\n  "total": 99.5\n}',
  routingKey: 'order.created',
  type: '',
  headers: '',
  attempt: 1,
};

/** Headers from their text; undefined when it is no JSON object. */
export function readHeaders(text: string): Record<string, Json> | undefined {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** May the engine run this node on a sample message? */
export function canBeTried({ type, settings }: FlowNode): boolean {
  return type === 'handler' && settings['runsIn'] !== 'elsewhere' && mayTry(settings['behaviour']);
}
