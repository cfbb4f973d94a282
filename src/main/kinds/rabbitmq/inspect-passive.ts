import { Failure } from '@shared/failure';
import type { ExchangeObject, FoundTopology, QueueObject, Topology } from '@shared/kinds/rabbitmq/objects';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import { topologyKey } from '@shared/kinds/rabbitmq/resolve';
import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget, OwnedObjects } from '../driver';
import { ask, askAlone } from './ask';
import { closeQuietly } from './close';
import { openConnection } from './connect';
import { declareExchange, declareQueue } from './declare';
import { factsOf } from './facts';
import { defaultVhost } from './target';

/** Questions asked at the same time; each needs a channel, since a refusal closes it. */
const PARALLEL = 8;
/** Types every broker has. Declaring one that it has not closes the whole connection on 3.x. */
const CORE_TYPES = new Set(['direct', 'fanout', 'topic', 'headers']);

/** A name to ask for, with what is drawn of it. */
type Question = { vhost: string; name: string } & (
  | { type: 'exchange'; drawn?: ExchangeObject }
  | { type: 'queue'; drawn?: QueueObject }
);

/**
 * Existence by passive declare of everything drawn, owned or bound, and one difference of each drawn object by declaring what is
 * there already: with equal settings that changes nothing, with others the broker refuses and says which. Nothing else can be seen
 * this way, and nothing is ever made. @throws Failure when the broker cannot be reached
 */
export async function inspectPassively(
  target: ConnectionTarget,
  { wanted, owned }: { wanted: Topology; owned: OwnedObjects },
  reason: string,
): Promise<FoundTopology> {
  const home = defaultVhost(target);
  const byVhost = new Map<string, Question[]>();
  for (const question of questionsOf(wanted, owned))
    byVhost.set(question.vhost, [...(byVhost.get(question.vhost) ?? []), question]);
  if (byVhost.size === 0) byVhost.set(home, []);
  const found: FoundTopology = {
    facts: {},
    vhosts: null,
    exchanges: [],
    queues: [],
    bindings: null,
    policies: null,
    operatorPolicies: null,
    parameters: null,
    queueStats: {},
    consumers: null,
    visibility: 'partial',
    cannotSee: [`Bindings, policies, vhosts and unacknowledged messages need the management API. ${reason}`],
    differences: {},
  };
  for (const [vhost, questions] of byVhost) {
    const connection = await enter(target, vhost, found);
    if (!connection) continue;
    try {
      found.facts = factsOf(connection, home);
      await inParallel(questions, (question) => answer(target, connection, question, found));
    } finally {
      await closeQuietly(connection);
    }
  }
  return found;
}

/** A vhost that does not exist yet, or is closed to the user, is told; only the connection's own must be open. */
async function enter(target: ConnectionTarget, vhost: string, found: FoundTopology): Promise<ChannelModel | undefined> {
  try {
    return await openConnection(target, { purpose: 'inspect', vhost });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'connect/vhost' || vhost === defaultVhost(target)) throw error;
    found.cannotSee.push(error.message);
    return undefined;
  }
}

function questionsOf(wanted: Topology, owned: OwnedObjects): Question[] {
  const questions = new Map<string, Question>();
  const add = (question: Question) =>
    question.name !== '' && questions.set(topologyKey(question.type, question.vhost, question.name), question);
  for (const key of owned) {
    const [type, vhost = '', name = ''] = key.split('\u0000');
    if (type === 'exchange' || type === 'queue') add({ type, vhost, name });
  }
  for (const { vhost, source, destination, destinationType } of wanted.bindings) {
    add({ type: 'exchange', vhost, name: source });
    add({ type: destinationType, vhost, name: destination });
  }
  for (const drawn of wanted.exchanges) add({ type: 'exchange', vhost: drawn.vhost, name: drawn.name, drawn });
  for (const drawn of wanted.queues) add({ type: 'queue', vhost: drawn.vhost, name: drawn.name, drawn });
  return [...questions.values()];
}

/** Asks one question and adds the answer to what was found. */
async function answer(
  target: ConnectionTarget,
  connection: ChannelModel,
  question: Question,
  found: FoundTopology,
): Promise<void> {
  const { type, vhost, name } = question;
  const what = `the ${type} “${name}”`;
  const exists = await ask(connection, async (channel) =>
    type === 'exchange' ? channel.checkExchange(name).then(() => undefined) : channel.checkQueue(name),
  );
  if ('refused' in exists) {
    const { code, sentence } = exists.refused;
    if (code === 405) found.differences[topologyKey(type, vhost, name)] = sentence;
    else if (code !== 404) found.cannotSee.push(`Whether ${what} exists: ${sentence}.`);
    if (code !== 405) return;
  }
  if (question.type === 'exchange') found.exchanges.push(question.drawn ?? unseenExchange(question));
  else found.queues.push(question.drawn ?? unseenQueue(question));
  if ('refused' in exists) return;
  if (exists.answer) {
    const { messageCount: ready, consumerCount: consumers } = exists.answer;
    found.queueStats[objectKey(vhost, name)] = { messages: ready, ready, unacked: 0, consumers };
  }
  if (!question.drawn || name.startsWith('amq.')) return;
  const same = await compare(target, connection, question);
  if (!('refused' in same)) return;
  if (same.refused.code === 403) found.cannotSee.push(`Whether ${what} is as drawn: ${same.refused.sentence}.`);
  else found.differences[topologyKey(type, vhost, name)] = same.refused.sentence;
}

function compare(target: ConnectionTarget, connection: ChannelModel, question: Question) {
  if (question.type === 'queue') {
    const { drawn } = question;
    return ask(connection, async (channel) => drawn && declareQueue(channel, drawn));
  }
  const { drawn, vhost } = question;
  const isSafe = CORE_TYPES.has(drawn?.type ?? '');
  return isSafe
    ? ask(connection, async (channel) => drawn && declareExchange(channel, drawn))
    : askAlone(target, vhost, async (channel) => drawn && declareExchange(channel, drawn));
}

const unseenExchange = ({ vhost, name }: Question): ExchangeObject => ({
  vhost,
  name,
  type: '',
  durable: true,
  autoDelete: false,
  internal: false,
  arguments: {},
});
const unseenQueue = ({ vhost, name }: Question): QueueObject => ({
  vhost,
  name,
  durable: true,
  autoDelete: false,
  exclusive: false,
  arguments: {},
});

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}
