import { exampleFlow } from '@shared/examples/index';
import { buildJourney, findJourneys } from '@shared/journey/build-journeys';
import { explainByDrawing } from '@shared/journey/explain-by-drawing';
import type { Journey } from '@shared/journey/journey';
import type { Phase, TrafficEvent } from '@shared/traffic/event';

export const flow = exampleFlow();
const explain = explainByDrawing(flow);

/** Links of the example by their ends. */
export const LINK = {
  publish: 'orders-publish-order-events',
  billing: 'order-events-billing-queue',
  consume: 'billing-queue-consume-bill-customer',
  dead: 'billing-queue-dead-letter-billing-dlx',
  graves: 'billing-dlx-billing-dead-letters',
} as const;

let seq = 0;

/** An event of the example, a millisecond after the one before unless `at` says otherwise. */
export function seen(phase: Phase, node: string, more: Partial<TrafficEvent> = {}): TrafficEvent {
  seq += 1;
  return { seq, at: seq, node, phase, sizeBytes: 2, ...more };
}

export function journeysOf(events: readonly TrafficEvent[], search = ''): Journey[] {
  return findJourneys(events, search).map((source) => buildJourney(source, flow, explain));
}

/** Type, node and mark of each step: `queued billing-queue`, with `~` before what is inferred. */
export function outline({ steps }: Journey): string[] {
  return steps.map(({ type, node, inferred }) => `${inferred ? '~' : ''}${type} ${node}`);
}
