import { fingerprint } from '@shared/canonical';
import type { AtStake, FieldChange, Step, StepAction } from '@shared/deploy/plan';
import type { Subject } from '@shared/flow/problem';
import type { FoundTopology } from '../objects';
import { objectKey } from '../objects';
import type { StepObject } from './payload';

/** The order in which objects are made; they are deleted the other way round. */
const ORDER = ['vhost', 'exchange', 'policy', 'operator-policy', 'parameter', 'queue', 'binding'];
const OVER_HTTP = new Set(['vhost', 'policy', 'operator-policy', 'parameter']);

export interface StepDraft {
  broker: string;
  action: StepAction;
  vhost: string;
  name: string;
  reason: string;
  object: StepObject;
  subject?: Subject;
  changes?: FieldChange[];
  atStake?: AtStake;
  notes?: string[];
  canLoseMessages?: boolean;
}

/** A step from what is special about it. Its id is stable: the same difference gives the same id. */
export function makeStep(draft: StepDraft): Step {
  const { broker, action, vhost, name, object } = draft;
  const objectType = object.type;
  const content = fingerprint([object, draft.changes ?? null]);
  return {
    id: [broker, action, objectType, vhost, name, content].join('/'),
    broker,
    action,
    objectType,
    vhost,
    name,
    reason: draft.reason,
    ...(draft.subject ? { subject: draft.subject } : {}),
    ...(draft.changes ? { changes: draft.changes } : {}),
    ...(draft.atStake ? { atStake: draft.atStake } : {}),
    notes: draft.notes ?? [],
    requires: needsManagement(draft) ? 'management' : 'amqp',
    canLoseMessages: draft.canLoseMessages ?? false,
    object,
  };
}

/**
 * AMQP removes a binding only by arguments that are equal to the last type, and what is read back does not tell types: bindings
 * with arguments are deleted through the management API.
 */
function needsManagement({ action, object }: StepDraft): boolean {
  if (object.type === 'binding') return action === 'delete' && Object.keys(object.binding.arguments).length > 0;
  return OVER_HTTP.has(object.type);
}

/** Creates and changes in the order of dependence, then deletes in the opposite one; stable within a type. */
export function orderSteps(steps: readonly Step[]): Step[] {
  const rank = ({ action, objectType }: Step) =>
    action === 'delete' ? 2 * ORDER.length - ORDER.indexOf(objectType) : ORDER.indexOf(objectType);
  return [...steps].sort((a, b) => rank(a) - rank(b));
}

/** Messages and consumers of a queue as counted at inspection. */
export function stakeOf(found: FoundTopology, vhost: string, queue: string): AtStake {
  const stats = found.queueStats[objectKey(vhost, queue)];
  if (!stats) return { messages: null, unacked: null, consumers: null };
  const unacked = found.visibility === 'full' ? stats.unacked : null;
  return { messages: stats.ready, unacked, consumers: stats.consumers };
}

/** Could deleting it lose a message? What is unknown could; without consumers nothing is held unacknowledged. */
export function hasMessages({ messages, unacked, consumers }: AtStake): boolean {
  return messages !== 0 || (unacked ?? consumers) !== 0;
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `3 messages and 1 consumer` */
export function describeStake({ messages, unacked, consumers }: AtStake): string {
  if (messages === null) return 'an unknown number of messages';
  const held = unacked ? ` (${unacked} more unacknowledged)` : '';
  return `${plural(messages, 'message')}${held} and ${consumers === null ? 'an unknown number of consumers' : plural(consumers, 'consumer')}`;
}
