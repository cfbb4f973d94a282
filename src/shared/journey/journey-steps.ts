import { readRedriven, wholeHeader } from '@shared/kinds/rabbitmq/death/headers';
import type { TrafficEvent } from '@shared/traffic/event';
import { RETRY_HEADERS } from '@shared/traffic/retry-headers';
import type { FlowMap } from './flow-map';
import type { JourneyStep, RouteHop } from './journey';

/** Which way a message that was published takes by the drawing; empty where that cannot be told. */
export type ExplainRoute = (event: TrafficEvent) => RouteHop[];

/** The steps of one message, from its events in the order in which they happened. */
export function describeSteps(events: readonly TrafficEvent[], map: FlowMap, explain: ExplainRoute): JourneyStep[] {
  const writer = new StepWriter(events, map, explain);
  for (const event of events) writer.tell(event);
  return writer.steps;
}

class StepWriter {
  readonly steps: JourneyStep[] = [];
  private readonly deliveries = new Map<string, number>();
  private redriven = 0;
  private readonly isRoutingSeen: boolean;

  constructor(
    private readonly events: readonly TrafficEvent[],
    private readonly map: FlowMap,
    private readonly explain: ExplainRoute,
  ) {
    // A sandbox tells every hop; elsewhere hops are worked out.
    this.isRoutingSeen = events.some(({ phase }) => phase === 'routed' || phase === 'dropped');
  }

  tell(event: TrafficEvent): void {
    this.tellRedrive(event);
    const { at, seq, node, link, reason, queue, exchange, routingKey } = event;
    const base = {
      at,
      seq,
      node,
      ...(link === undefined ? {} : { link }),
      ...(event.inferred ? { inferred: true as const } : {}),
    };
    const name = this.map.nameOf(node);
    const why = reason === undefined ? '' : `: ${reason}`;
    const from = queue === undefined || queue === name ? '' : ` from ${queue}`;
    const queueNode = this.map.queueNodeOf(event);
    switch (event.phase) {
      case 'published':
        return this.tellPublished(event, base);
      case 'confirmed':
        return this.add({ ...base, type: 'confirmed', sentence: `The broker confirmed it.` });
      case 'routed':
        return this.tellRouted(event, base);
      case 'delivered': {
        const attempt = this.attemptOf(event, true);
        const sentence = this.map.isWorker(node)
          ? `${name} got it${from}, attempt ${attempt}.`
          : `Delivered${from || ` from ${name}`}${reason === undefined ? '' : ` ${reason}`}, attempt ${attempt}.`;
        return this.add({ ...base, type: 'delivered', queue, attempt, sentence });
      }
      case 'acked': {
        const sentence = this.map.isWorker(node) ? `${name} is done with it.` : `Acknowledged: ${name} let it go.`;
        return this.add({ ...base, type: 'acked', queue, attempt: this.attemptOf(event), sentence });
      }
      case 'logged':
        return this.add({ ...base, type: 'logged', queue, reason, sentence: `${name} wrote: ${reason ?? ''}` });
      case 'unmatched':
        return this.add({ ...base, type: 'unmatched', queue, sentence: `No rule of ${name} takes it.` });
      case 'failed': {
        const attempt = this.attemptOf(event);
        const sentence =
          queue === undefined ? `Not sent on by ${name}${why}` : `Attempt ${attempt} of ${name} failed${why}`;
        return this.add({ ...base, type: 'failed', queue, attempt, reason, sentence });
      }
      case 'rejected': {
        const sentence = this.map.isWorker(node) ? `${name} gave it up${why}` : `${name} did not take it${why}`;
        return this.add({ ...base, type: 'rejected', queue, attempt: this.attemptOf(event), reason, sentence });
      }
      case 'requeued':
        return this.add({
          ...base,
          type: 'requeued',
          queue,
          attempt: this.attemptOf(event),
          sentence: `It went back to ${queue ?? name}${why}.`,
        });
      case 'retried': {
        const { attempt = 0, delayMs } = event;
        const until = delayMs === undefined ? '' : ` ${delayMs / 1000} s`;
        const sentence = `Waits${until} for ${attempt > 0 ? `attempt ${attempt}` : 'the next attempt'} at ${queue ?? name}.`;
        return this.add({ ...base, node: queueNode, type: 'waiting', attempt, delayMs, sentence });
      }
      case 'dead-lettered': {
        const sentence = `Dead-lettered${from || ` from ${name}`}${why}`;
        const drawn = this.map.deadLetterLinkOf(event) ?? link;
        return this.add({ ...base, link: drawn, node: queueNode, type: 'dead-lettered', queue, reason, sentence });
      }
      case 'returned': {
        const where = exchange === undefined || exchange === '' ? (routingKey ?? name) : exchange;
        return this.add({ ...base, type: 'returned', queue, reason, sentence: `Returned by ${where}${why}` });
      }
      case 'expired':
        return this.add({
          ...base,
          type: 'expired',
          queue,
          reason,
          sentence: `Expired in ${queue ?? name}, and is gone${why}`,
        });
      case 'dropped':
        return this.add({
          ...base,
          type: 'dropped',
          queue,
          reason,
          sentence: `Dropped by ${queue ?? name}, and is gone${why}`,
        });
      default:
        return event.phase satisfies never;
    }
  }

  private add(step: JourneyStep): void {
    this.steps.push(withoutUndefined(step));
  }

  /** Tapline counts redrives in a header of the message. */
  private tellRedrive({ at, seq, node, headers }: TrafficEvent): void {
    const times = (headers && readRedriven(headers)?.times) ?? 0;
    if (times <= this.redriven) return;
    this.redriven = times;
    const often = times === 1 ? '' : ` for the ${times}${times === 2 ? 'nd' : times === 3 ? 'rd' : 'th'} time`;
    this.add({ type: 'redriven', at, seq, node, times, sentence: `Redriven from the dead letters${often}.` });
  }

  private tellPublished(event: TrafficEvent, base: StepStart): void {
    const { node, exchange, routingKey, queue } = event;
    const name = this.map.nameOf(node);
    const key = routingKey === undefined || routingKey === '' ? '' : ` with key ${routingKey}`;
    const isWorker = this.map.isWorker(node);
    const isKnown = !isWorker && this.events.some((one) => isSamePublish(one, event) && this.map.isWorker(one.node));
    const to = exchange === '' ? `straight to ${routingKey ?? 'a queue'}` : `to ${exchange ?? queue ?? name}${key}`;
    const sentence = isKnown
      ? `${name} got it${key}, as its tap saw.`
      : isWorker
        ? `Published by ${name} ${to}.`
        : `Published ${to}.`;
    this.add({ ...base, type: isKnown ? 'arrived' : 'published', exchange, routingKey, sentence });
    if (!this.isRoutingSeen && !isKnown) this.inferRoute(event);
  }

  /** Where no broker tells of its hops, they follow from the drawing. */
  private inferRoute(event: TrafficEvent): void {
    const { at, seq, node } = event;
    const inferred = true;
    for (const hop of this.explain(event)) {
      const start = { at, seq, ...(hop.link === undefined ? {} : { link: hop.link }), inferred } as const;
      this.add({
        ...start,
        node: hop.node ?? node,
        type: 'routed',
        why: hop.sentence,
        sentence: `Routed: ${hop.sentence}`,
      });
      if (hop.queue === undefined) continue;
      const sentence = `In ${hop.queue}, by the drawing.`;
      this.add({ ...start, node: hop.queueNode ?? hop.node ?? node, type: 'queued', queue: hop.queue, sentence });
    }
  }

  private tellRouted(event: TrafficEvent, base: StepStart): void {
    const { link, queue } = event;
    const hop = link === undefined ? undefined : this.explain(event).find((one) => one.link === link);
    const to = queue ?? this.map.endsOf(link).at(-1);
    const name = this.map.nameOf(event.node);
    const plain = `Routed by ${name}${to === undefined ? '' : ` to ${queue ?? this.map.nameOf(to)}`}.`;
    const why = hop ? { why: hop.sentence, sentence: `Routed by ${hop.sentence}` } : { sentence: plain };
    this.add({ ...base, type: 'routed', ...why });
    if (queue === undefined) return;
    this.add({ ...base, type: 'queued', node: this.map.queueNodeOf(event), queue, sentence: `In ${queue}.` });
  }

  /** As a handler or the retry header says; else by the deliveries seen. */
  private attemptOf(event: TrafficEvent, isNew = false): number {
    const place = this.map.placeOf(event);
    const known = event.attempt ?? (event.headers && wholeHeader(event.headers, RETRY_HEADERS.attempt));
    const seen = this.deliveries.get(place) ?? 0;
    const attempt = known ?? (isNew ? seen + 1 : Math.max(seen, 1));
    if (isNew) this.deliveries.set(place, attempt);
    return attempt;
  }
}

type StepStart = Pick<JourneyStep, 'at' | 'seq' | 'node' | 'link' | 'inferred'>;

function isSamePublish(a: TrafficEvent, b: TrafficEvent): boolean {
  return a.phase === 'published' && a.exchange === b.exchange && a.routingKey === b.routingKey;
}

function withoutUndefined(step: JourneyStep): JourneyStep {
  return Object.fromEntries(Object.entries(step).filter(([, value]) => value !== undefined)) as unknown as JourneyStep;
}
