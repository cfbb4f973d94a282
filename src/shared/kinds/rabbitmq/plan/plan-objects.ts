import type { FieldChange } from '@shared/deploy/plan';
import type { Ownership } from '@shared/flow/schema';
import type { ExchangeObject, QueueObject } from '../objects';
import { objectKey } from '../objects';
import { topologyKey } from '../resolve';
import { compareExchange, compareQueue } from './compare';
import type { PartialPlan, PlanInput } from './plan-topology';
import { listFields, recreate } from './recreate';
import { describeStake, makeStep, stakeOf } from './step';

/** An empty part of a plan, to be filled. */
export function emptyPlan(): PartialPlan {
  return { steps: [], unchanged: 0, warnings: [] };
}

/** Why an object that is not there is made. */
function reasonToCreate({ resolved }: PlanInput, key: string): string {
  if (!resolved.derived.has(key)) return 'It is not on the broker yet.';
  return 'A retry policy needs it, and it is not on the broker yet.';
}

export function ownershipOf({ resolved }: PlanInput, key: string): Ownership {
  return resolved.ownership[key] ?? 'managed';
}

/** Exchanges: create what is missing, recreate what differs. Predeclared ones are never made or changed. */
export function planExchanges(input: PlanInput): PartialPlan {
  const { broker, resolved, found } = input;
  const plan = emptyPlan();
  const existing = new Map(found.exchanges.map((exchange) => [objectKey(exchange.vhost, exchange.name), exchange]));
  for (const { wanted, key } of drawnOnce(plan, 'exchange', resolved.topology.exchanges)) {
    const { vhost, name } = wanted;
    const ownership = ownershipOf(input, key);
    if (ownership === 'ignored') continue;
    const old = existing.get(objectKey(vhost, name));
    const changes = old && exchangeChanges(input, old, wanted);
    if (ownership === 'referenced' || name.startsWith('amq.')) {
      warnAboutReference(plan, `exchange “${name}” in vhost “${vhost}”`, changes);
    } else if (changes?.length === 0) {
      plan.unchanged++;
    } else if (changes) {
      plan.steps.push(recreate(input, { type: 'exchange', wanted }, changes, typeNotes(input, wanted)));
    } else {
      const notes = [...typeNotes(input, wanted), ...renameNotes(input, key, 'exchange', vhost)];
      const object = { type: 'exchange', exchange: wanted } as const;
      const subject = resolved.origins[key];
      plan.steps.push(
        makeStep({
          broker,
          action: 'create',
          vhost,
          name,
          subject,
          object,
          reason: reasonToCreate(input, key),
          notes,
        }),
      );
    }
  }
  return plan;
}

/** Queues: create what is missing, recreate what differs, with what is at stake. */
export function planQueues(input: PlanInput): PartialPlan {
  const { broker, resolved, found } = input;
  const plan = emptyPlan();
  const existing = new Map(found.queues.map((queue) => [objectKey(queue.vhost, queue.name), queue]));
  for (const { wanted, key } of drawnOnce(plan, 'queue', resolved.topology.queues)) {
    const { vhost, name } = wanted;
    const ownership = ownershipOf(input, key);
    if (ownership === 'ignored') continue;
    const old = existing.get(objectKey(vhost, name));
    const changes = old && queueChanges(input, old, wanted);
    if (ownership === 'referenced') {
      warnAboutReference(plan, `queue “${name}” in vhost “${vhost}”`, changes);
    } else if (changes?.length === 0) {
      plan.unchanged++;
    } else if (changes) {
      plan.steps.push(recreate(input, { type: 'queue', wanted }, changes));
    } else {
      const notes = renameNotes(input, key, 'queue', vhost);
      const object = { type: 'queue', queue: wanted } as const;
      const subject = resolved.origins[key];
      plan.steps.push(
        makeStep({
          broker,
          action: 'create',
          vhost,
          name,
          subject,
          object,
          reason: reasonToCreate(input, key),
          notes,
        }),
      );
    }
  }
  return plan;
}

/** Of several drawn objects with one name the first counts; check calls the others an error. */
function drawnOnce<T extends { vhost: string; name: string }>(
  plan: PartialPlan,
  type: 'exchange' | 'queue',
  drawn: readonly T[],
): { wanted: T; key: string }[] {
  const seen = new Set<string>();
  return drawn.flatMap((wanted) => {
    const key = topologyKey(type, wanted.vhost, wanted.name);
    if (seen.has(key)) {
      plan.warnings.push(`The ${type} “${wanted.name}” is drawn more than once; only the first counts.`);
      return [];
    }
    seen.add(key);
    return { wanted, key };
  });
}

/** Objects that are only referred to must be there and as drawn (`changes` is empty); ours is not to make or change them. */
export function warnAboutReference(plan: PartialPlan, what: string, changes: readonly FieldChange[] | undefined): void {
  if (!changes) plan.warnings.push(`The ${what} is only referred to and does not exist on the broker.`);
  else if (changes.length > 0)
    plan.warnings.push(`The ${what} is only referred to and differs on the broker: ${listFields(changes)}.`);
  else plan.unchanged++;
}

function exchangeChanges({ found }: PlanInput, existing: ExchangeObject, wanted: ExchangeObject): FieldChange[] {
  return found.visibility === 'full'
    ? compareExchange(existing, wanted)
    : toldDifference(found.differences, 'exchange', wanted.vhost, wanted.name);
}

function queueChanges({ found }: PlanInput, existing: QueueObject, wanted: QueueObject): FieldChange[] {
  return found.visibility === 'full'
    ? compareQueue(existing, wanted, found.facts)
    : toldDifference(found.differences, 'queue', wanted.vhost, wanted.name);
}

/** Without management the broker tells one difference, in its own words. */
function toldDifference(differences: Record<string, string>, type: string, vhost: string, name: string): FieldChange[] {
  const sentence = differences[topologyKey(type, vhost, name)];
  return sentence ? [{ field: sentence, from: undefined, to: undefined }] : [];
}

/** A type that no plugin of the broker brings is told before anything is tried. */
function typeNotes({ found }: PlanInput, { type }: ExchangeObject): string[] {
  const { exchangeTypes } = found.facts;
  if (!exchangeTypes || exchangeTypes.includes(type)) return [];
  return [`The broker has no exchange type “${type}”: this will fail until its plugin is enabled.`];
}

/** A renamed object is a new one: what is in the old stays there. */
function renameNotes(input: PlanInput, key: string, type: 'queue' | 'exchange', vhost: string): string[] {
  const former = input.formerNames.get(key);
  if (former === undefined) return [];
  const list = type === 'queue' ? input.found.queues : input.found.exchanges;
  if (!list.some((item) => item.vhost === vhost && item.name === former)) return [];
  const left = type === 'queue' ? `; ${describeStake(stakeOf(input.found, vhost, former))} stay there` : '';
  return [`It was called “${former}”, which stays on the broker${left}.`];
}
