import { type FoundTopology, objectKey } from '@shared/kinds/rabbitmq/objects';
import type { CounterName } from '@shared/traffic/counter';
import type { Subject, TrafficSink } from '../../live';
import { findDeadLetterExchanges } from './dead-letters';
import type { Subjects } from './subjects';
import { deadLetterSubjects } from './tap-counter';
import type { PlannedTap } from './tap-plan';

const TAP_COUNTERS: readonly CounterName[] = ['tapped', 'routed', 'unroutable'];

/** The numbers on the drawing that the taps of a found topology give. Exchanges are named by their `objectKey`. */
export class TapNumbers {
  private readonly deadLettersTo = new Map<string, Subject[]>();
  private readonly neighbours = new Map<string, Set<string>>();
  private readonly linksFrom = new Map<string, Set<string>>();
  private readonly passesOn = new Set<string>();

  constructor(
    found: FoundTopology,
    private readonly subjects: Subjects,
    private readonly sink: TrafficSink,
  ) {
    for (const [queue, exchange] of findDeadLetterExchanges(found).byQueue) {
      const key = objectKey(queue.split('\u0000')[0] ?? '', exchange);
      const known = this.deadLettersTo.get(key) ?? [];
      this.deadLettersTo.set(key, [...known, ...deadLetterSubjects(subjects, queue)]);
    }
    for (const binding of found.bindings ?? []) {
      const source = objectKey(binding.vhost, binding.source);
      const link = subjects.bindingLink(binding);
      if (link !== undefined) this.linksFrom.set(source, (this.linksFrom.get(source) ?? new Set()).add(link));
      if (binding.destinationType !== 'exchange') continue;
      this.passesOn.add(source);
      this.join(source, objectKey(binding.vhost, binding.destination));
    }
    for (const { vhost, name, arguments: args } of found.exchanges) {
      const alternate = args['alternate-exchange'];
      if (typeof alternate === 'string') this.join(objectKey(vhost, name), objectKey(vhost, alternate));
    }
  }

  /** Lets the numbers of tapped exchanges begin at zero, and says which cannot be whole or are not known. */
  begin(planned: readonly PlannedTap[], isTapped: (key: string) => boolean): void {
    const { sink } = this;
    for (const [key, subjects] of this.deadLettersTo) {
      for (const subject of subjects)
        if (isTapped(key)) sink.add(subject, 'deadLettered', 0, 'tap');
        else sink.set(subject, 'deadLettered', null, 'tap', 'unknown');
    }
    for (const { key, node, keys } of planned) {
      if (!isTapped(key)) continue;
      sink.add({ node }, 'tapped', 0, 'tap');
      sink.add({ node }, 'routed', 0, 'computed');
      for (const link of this.linksFrom.get(key) ?? []) sink.add({ link }, 'routed', 0, 'computed');
      // What goes only to other exchanges, or to queues whose key is left out, is seen in part.
      if ((keys?.unseen.length ?? 0) > 0 || this.passesOn.has(key)) this.gapAt(key);
    }
  }

  /** The tap of this exchange may have missed something: its numbers and those of the exchanges it is joined to are in doubt. */
  gap(key: string): void {
    const reached = new Set([key]);
    for (const one of reached) for (const neighbour of this.neighbours.get(one) ?? []) reached.add(neighbour);
    for (const one of reached) this.gapAt(one);
  }

  private gapAt(key: string): void {
    const { sink } = this;
    const drawn = this.subjects.exchanges.get(key);
    if (drawn) sink.gap({ node: drawn.node }, TAP_COUNTERS);
    for (const link of this.linksFrom.get(key) ?? []) sink.gap({ link }, ['routed']);
    for (const subject of this.deadLettersTo.get(key) ?? []) sink.gap(subject, ['deadLettered']);
  }

  private join(one: string, other: string): void {
    this.neighbours.set(one, (this.neighbours.get(one) ?? new Set()).add(other));
    this.neighbours.set(other, (this.neighbours.get(other) ?? new Set()).add(one));
  }
}
