import type { Json } from '@shared/flow/schema';
import { readRedriven } from '@shared/kinds/rabbitmq/death/headers';
import { readDeath } from '@shared/kinds/rabbitmq/tap/trace';
import type { TrafficEvent } from '@shared/traffic/event';
import { RETRY_HEADERS } from '@shared/traffic/retry-headers';
import type { FlowMap } from './flow-map';
import type { JourneyState, JourneyStep } from './journey';

/**
 * What became of a message, from its events in order: of its copies in several queues the worst one counts. A copy that was
 * dead-lettered goes on as the one that its dead-letter exchange put elsewhere; a redrive forgets the dead.
 */
export function stateOf(events: readonly TrafficEvent[], steps: readonly JourneyStep[], map: FlowMap): JourneyState {
  const copies = new Map<string, JourneyState>();
  let redriven = 0;
  for (const event of events) {
    const times = (event.headers && readRedriven(event.headers)?.times) ?? 0;
    if (times > redriven) {
      redriven = times;
      for (const [place, state] of copies) if (state === 'dead' || state === 'unknown') copies.delete(place);
    }
    follow(copies, event, map);
  }
  const states = new Set(copies.values());
  for (const worst of ['lost', 'dead', 'in flight'] as const) if (states.has(worst)) return worst;
  return states.has('done') && !states.has('unknown') && !isAnywhereElse(steps) ? 'done' : 'unknown';
}

const UNROUTABLE = 'unroutable';

function follow(copies: Map<string, JourneyState>, event: TrafficEvent, map: FlowMap): void {
  const { phase, queue, headers } = event;
  const place = map.placeOf(event);
  // A handler that could not send on fails, and its message is looked after.
  if (phase !== 'routed' && phase !== 'returned' && phase !== 'dropped') copies.delete(UNROUTABLE);
  switch (phase) {
    case 'published':
    case 'confirmed':
    case 'logged':
    case 'unmatched':
      return;
    case 'routed': {
      if (queue === undefined) return;
      const from = diedIn(headers);
      const wasDead = from !== undefined && copies.delete(deadKey(map.placeOf(event, from)));
      // A handler's own dead letter is routed before the handler can tell of it.
      const isDead = wasDead || headers?.[RETRY_HEADERS.queue] !== undefined;
      copies.set(place, isDead ? 'dead' : 'in flight');
      return;
    }
    case 'delivered':
    case 'retried':
    case 'requeued':
      copies.set(place, 'in flight');
      return;
    case 'failed':
      // Without a queue it is a publish that failed.
      copies.set(place, queue === undefined ? 'lost' : 'in flight');
      return;
    case 'acked':
      copies.set(place, 'done');
      return;
    case 'rejected':
      copies.delete(place);
      // A full queue did not take it.
      if (!map.isWorker(event.node)) copies.set(place, 'lost');
      // The broker dead-letters it, or drops it where a policy says nothing else; a sandbox tells which.
      else copies.set(deadKey(place), map.isDeadLettering(event) ? 'dead' : 'unknown');
      return;
    case 'dead-lettered':
      copies.delete(place);
      copies.set(deadKey(place), 'dead');
      return;
    case 'returned':
      copies.set(UNROUTABLE, 'lost');
      return;
    case 'expired':
    case 'dropped':
      copies.delete(deadKey(place));
      copies.set(queue === undefined ? UNROUTABLE : place, 'lost');
      return;
    default:
      return phase satisfies never;
  }
}

const deadKey = (place: string) => `dead ${place}`;

/** The queue a dead letter came from, as the message itself says. */
function diedIn(headers: Record<string, Json> | undefined): string | undefined {
  const noted = headers?.[RETRY_HEADERS.queue];
  return typeof noted === 'string' ? noted : readDeath(headers)?.queue;
}

/** Is there, by the drawing, a copy in a queue of which nothing was seen? */
function isAnywhereElse(steps: readonly JourneyStep[]): boolean {
  const seen = new Set<string>();
  for (const step of steps) if (!step.inferred && 'queue' in step && step.queue !== undefined) seen.add(step.queue);
  return steps.some((step) => step.type === 'queued' && step.inferred && !seen.has(step.queue));
}
