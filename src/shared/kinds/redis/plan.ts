import { fingerprint } from '@shared/canonical';
import type { LeftOver, Step, StepAction } from '@shared/deploy/plan';
import type { FoundRedis, GroupObject } from './objects';
import { groupKey, type ResolvedRedis, streamKey } from './resolve';

export interface RedisPlanInput {
  broker: string;
  resolved: ResolvedRedis;
  found: FoundRedis;
  /** What Tapline made here for this flow: `objectType\0vhost\0name`. */
  owned: ReadonlySet<string>;
  prune: boolean;
  destroy: boolean;
}

export interface RedisPlan {
  steps: Step[];
  unchanged: number;
  warnings: string[];
  leftOver: LeftOver[];
  fingerprint: string;
}

/** Payload of a step of this kind. */
export type RedisStepObject = { type: 'stream'; stream: string } | { type: 'group'; group: GroupObject };

const plural = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** A group's name in plans and ledgers. */
export function groupLabel({ stream, group }: Pick<GroupObject, 'stream' | 'group'>): string {
  return `${stream} → ${group}`;
}

function makeStep(
  input: RedisPlanInput,
  action: StepAction,
  object: RedisStepObject,
  rest: Pick<Step, 'reason'> & Partial<Pick<Step, 'notes' | 'atStake' | 'canLoseMessages'>>,
): Step {
  const name = object.type === 'stream' ? object.stream : groupLabel(object.group);
  const key = object.type === 'stream' ? streamKey(object.stream) : groupKey(object.group);
  const subject = input.resolved.origins[key];
  return {
    id: [input.broker, action, object.type, name, fingerprint(object)].join('/'),
    broker: input.broker,
    action,
    objectType: object.type,
    vhost: '',
    name,
    notes: [],
    canLoseMessages: false,
    requires: 'redis',
    object,
    ...(subject ? { subject } : {}),
    ...rest,
  };
}

/** Compares wanted with found. Pure: says what to do, does nothing. */
export function planRedis(input: RedisPlanInput): RedisPlan {
  const created = input.destroy ? { steps: [], unchanged: 0, warnings: [] } : planCreates(input);
  const deletes = planDeletes(input);
  const isKept = !input.prune && !input.destroy;
  const { found, resolved } = input;
  const state = {
    groups: resolved.topology.groups.map((group) => [groupKey(group), hasGroup(found, group)]),
    streams: resolved.topology.streams.map((key) => [key, key in found.streams]),
    otherTypes: found.otherTypes,
  };
  return {
    ...created,
    steps: isKept ? created.steps : [...created.steps, ...deletes],
    leftOver: isKept ? deletes.map(({ objectType, vhost, name }) => ({ objectType, vhost, name })) : [],
    fingerprint: fingerprint(state),
  };
}

const groupOf = (found: FoundRedis, { stream, group }: Pick<GroupObject, 'stream' | 'group'>) =>
  found.streams[stream]?.groups.find(({ name }) => name === group);
const hasGroup = (found: FoundRedis, group: GroupObject) => groupOf(found, group) !== undefined;

function planCreates(input: RedisPlanInput): Omit<RedisPlan, 'fingerprint' | 'leftOver'> {
  const { found, resolved } = input;
  const steps: Step[] = [];
  const warnings: string[] = [];
  let unchanged = 0;
  for (const stream of resolved.topology.streams) {
    const isManaged = resolved.ownership[streamKey(stream)] === 'managed';
    const other = found.otherTypes[stream];
    if (other !== undefined) warnings.push(`The key “${stream}” holds a ${other}, not a stream.`);
    else if (stream in found.streams) unchanged += 1;
    else if (!isManaged) warnings.push(`The stream “${stream}” is not there, and is not Tapline’s to make.`);
    else
      steps.push(makeStep(input, 'create', { type: 'stream', stream }, { reason: `There is no stream “${stream}”.` }));
  }
  for (const group of resolved.topology.groups) {
    if (hasGroup(found, group)) unchanged += 1;
    else if (resolved.ownership[groupKey(group)] !== 'managed') {
      warnings.push(`The group “${group.group}” of “${group.stream}” is not there, and is not Tapline’s to make.`);
    } else {
      const reason = `The stream “${group.stream}” has no group “${group.group}”.`;
      const notes = [describeStart(group, found.streams[group.stream]?.length ?? 0)];
      steps.push(makeStep(input, 'create', { type: 'group', group }, { reason, notes }));
    }
  }
  return { steps, unchanged, warnings };
}

function describeStart({ start }: GroupObject, entries: number): string {
  if (start === '$') return 'It gets the entries that are added from then on.';
  const there =
    entries === 0
      ? 'There are none yet.'
      : `There ${entries === 1 ? 'is' : 'are'} ${plural(entries, 'entry', 'entries')}.`;
  return start === '0' ? `It gets every entry of the stream. ${there}` : `It gets the entries after ${start}. ${there}`;
}

/** What is ours and no longer drawn (prune), or all that is ours (destroy); groups before their streams. */
function planDeletes(input: RedisPlanInput): Step[] {
  const { found, owned, resolved, destroy } = input;
  const groups: Step[] = [];
  const streams: Step[] = [];
  for (const { key: stream, length, groups: foundGroups } of Object.values(found.streams)) {
    for (const group of foundGroups) {
      const object: GroupObject = { stream, group: group.name, start: '$' };
      const isDrawn = groupKey(object) in resolved.origins;
      if (!owned.has(`group\u0000\u0000${groupLabel(object)}`) || (isDrawn && !destroy)) continue;
      const unread = group.lag;
      groups.push(
        makeStep(
          input,
          'delete',
          { type: 'group', group: object },
          {
            reason: destroy ? 'Tapline made it for this flow.' : 'Tapline made it, and it is no longer drawn.',
            notes: ['Its entries stay in the stream; what it had not finished with is forgotten.'],
            atStake: { messages: unread, unacked: group.pending, consumers: group.consumers },
            canLoseMessages: unread !== 0 || group.pending > 0,
          },
        ),
      );
    }
    const isDrawn = streamKey(stream) in resolved.origins;
    if (!owned.has(`stream\u0000\u0000${stream}`) || (isDrawn && !destroy)) continue;
    const others = foundGroups.filter(
      ({ name }) => !owned.has(`group\u0000\u0000${groupLabel({ stream, group: name })}`),
    );
    streams.push(
      makeStep(
        input,
        'delete',
        { type: 'stream', stream },
        {
          reason: destroy ? 'Tapline made it for this flow.' : 'Tapline made it, and it is no longer drawn.',
          notes: others.length > 0 ? [`Groups of others read it: ${others.map(({ name }) => name).join(', ')}.`] : [],
          atStake: {
            messages: length,
            unacked: foundGroups.reduce((sum, { pending }) => sum + pending, 0),
            consumers: foundGroups.reduce((sum, { consumers }) => sum + consumers, 0),
          },
          canLoseMessages: length > 0 || others.length > 0,
        },
      ),
    );
  }
  return [...groups, ...streams];
}
