import type { Options } from 'amqplib';
import { theme } from './behaviour';
import type { Refusal, Session } from './session';

type Arguments = Record<string, unknown>;

/** What declaring a queue with each of these arguments is answered; each on a channel of its own, then removed. */
async function declared(s: Session, variants: Arguments[], options: Options.AssertQueue = {}) {
  const answers: ('ok' | Refusal)[] = [];
  for (const args of variants) {
    answers.push(
      await s.attemptApart((channel) => channel.assertQueue(s.owns('queue', 'q'), { ...options, arguments: args })),
    );
    await s.main.deleteQueue('q');
  }
  return answers;
}

/** Declares with `first`, then answers what each of `others` is answered. */
async function redeclared(s: Session, first: Arguments, others: Arguments[]) {
  await s.queue('q', { arguments: first });
  const answers: ('ok' | Refusal)[] = [];
  for (const args of others)
    answers.push(await s.attemptApart((channel) => channel.assertQueue('q', { arguments: args })));
  return answers;
}

/** Which of the arguments is named first when all differ, then when that one is equal, and so on. */
async function orderOfDifferences(s: Session, all: Arguments): Promise<string[]> {
  await s.queue('q', { arguments: all });
  const equal: Arguments = {};
  const order: string[] = [];
  for (;;) {
    const answer = await s.attemptApart((channel) => channel.assertQueue('q', { arguments: equal }));
    const named = answer === 'ok' ? undefined : /arg '([^']+)'/.exec(answer.text)?.[1];
    if (!named || named in equal) return [...order, named ?? 'ok'];
    order.push(named);
    equal[named] = all[named];
  }
}

const numeric = (name: string): Arguments[] =>
  [0, 1, -1, 'ten', true, 1.5, null, 2 ** 40, { a: 1 }, [1]].map((value) => ({ [name]: value }));
const textual = (name: string): Arguments[] =>
  ['text', '', 5, true, null, { a: 1 }, ['a'], { '!': 'timestamp', value: 1 }].map((value) => ({ [name]: value }));

export const queueArguments = theme('queue arguments', {
  'x-message-ttl': (s) => declared(s, numeric('x-message-ttl')),
  'x-expires': (s) => declared(s, numeric('x-expires')),
  'x-max-length': (s) => declared(s, numeric('x-max-length')),
  'x-max-length-bytes': (s) => declared(s, numeric('x-max-length-bytes')),
  'x-max-priority': (s) =>
    declared(s, [...numeric('x-max-priority'), { 'x-max-priority': 255 }, { 'x-max-priority': 256 }]),
  'x-single-active-consumer': (s) => declared(s, textual('x-single-active-consumer')),
  'x-dead-letter-exchange': (s) => declared(s, textual('x-dead-letter-exchange')),
  'x-dead-letter-routing-key': (s) => declared(s, textual('x-dead-letter-routing-key')),
  'x-dead-letter-routing-key beside an exchange': (s) =>
    declared(
      s,
      textual('x-dead-letter-routing-key').map((args) => ({ ...args, 'x-dead-letter-exchange': '' })),
    ),
  'x-overflow': (s) =>
    declared(s, [
      ...textual('x-overflow'),
      ...['drop-head', 'reject-publish', 'reject-publish-dlx'].map((mode) => ({ 'x-overflow': mode })),
    ]),
  'x-queue-mode': (s) =>
    declared(s, [...textual('x-queue-mode'), { 'x-queue-mode': 'lazy' }, { 'x-queue-mode': 'default' }]),
  'x-queue-version': (s) =>
    declared(s, [...numeric('x-queue-version'), { 'x-queue-version': 2 }, { 'x-queue-version': 3 }]),
  'x-queue-type': (s) => declared(s, [...textual('x-queue-type'), { 'x-queue-type': 'classic' }]),
  'arguments of other queue types are refused': (s) =>
    declared(s, [
      { 'x-delivery-limit': 3 },
      { 'x-dead-letter-strategy': 'at-least-once' },
      { 'x-quorum-initial-group-size': 1 },
      { 'x-max-age': '1h' },
      { 'x-queue-type': 'quorum', 'x-max-priority': 5 },
      { 'x-queue-type': 'quorum', 'x-queue-mode': 'lazy' },
      { 'x-queue-type': 'quorum', 'x-queue-version': 2 },
      { 'x-queue-type': 'quorum', 'x-max-age': '1h' },
      { 'x-queue-type': 'quorum', 'x-overflow': 'reject-publish-dlx' },
    ]),
  'arguments of quorum queues': (s) =>
    declared(
      s,
      [
        { 'x-delivery-limit': 0 },
        { 'x-delivery-limit': -1 },
        { 'x-delivery-limit': 'three' },
        { 'x-dead-letter-strategy': 'at-least-once' },
        { 'x-dead-letter-strategy': 'now and then' },
        { 'x-dead-letter-strategy': 1 },
        { 'x-quorum-initial-group-size': 0 },
        { 'x-quorum-initial-group-size': 1 },
        { 'x-overflow': 'drop-head' },
        { 'x-message-ttl': -1 },
        { 'x-expires': 0 },
      ].map((args) => ({ 'x-queue-type': 'quorum', ...args })),
    ),
  'a quorum queue must be durable, shared and permanent': async (s) => [
    ...(await declared(s, [{ 'x-queue-type': 'quorum' }], { durable: false })),
    ...(await declared(s, [{ 'x-queue-type': 'quorum' }], { exclusive: true })),
    ...(await declared(s, [{ 'x-queue-type': 'quorum' }], { autoDelete: true })),
  ],
  'unknown arguments are taken': (s) => declared(s, [{ 'x-unknown': 1 }, { 'my own': { a: [1] } }]),
  'several wrong arguments: one is named': (s) =>
    declared(s, [
      { 'x-message-ttl': -1, 'x-expires': 0 },
      { 'x-max-length': 'a', 'x-overflow': 'b' },
      { 'x-dead-letter-routing-key': 'k', 'x-max-length': -1 },
      { 'x-overflow': 'b', 'x-max-priority': -1 },
    ]),
  'redeclaring numbers': (s) =>
    redeclared(s, { 'x-message-ttl': 1000 }, [
      { 'x-message-ttl': 1000 },
      { 'x-message-ttl': 2000 },
      { 'x-message-ttl': 2 ** 32 },
      {},
      { 'x-message-ttl': 1000, 'x-max-length': 5 },
      { 'x-message-ttl': 1000, 'x-unknown': 5 },
    ]),
  'redeclaring text': (s) =>
    redeclared(s, { 'x-dead-letter-exchange': 'a', 'x-dead-letter-routing-key': 'k' }, [
      { 'x-dead-letter-exchange': 'a', 'x-dead-letter-routing-key': 'k' },
      { 'x-dead-letter-exchange': 'b', 'x-dead-letter-routing-key': 'k' },
      { 'x-dead-letter-exchange': 'a', 'x-dead-letter-routing-key': 'l' },
      { 'x-dead-letter-exchange': 'a' },
      {},
    ]),
  'redeclaring flags and modes': (s) =>
    redeclared(s, { 'x-single-active-consumer': true, 'x-overflow': 'drop-head', 'x-max-priority': 3 }, [
      { 'x-single-active-consumer': false, 'x-overflow': 'drop-head', 'x-max-priority': 3 },
      { 'x-single-active-consumer': true, 'x-overflow': 'reject-publish', 'x-max-priority': 3 },
      { 'x-single-active-consumer': true, 'x-overflow': 'drop-head', 'x-max-priority': 4 },
      { 'x-single-active-consumer': true, 'x-overflow': 'drop-head' },
      { 'x-single-active-consumer': true, 'x-max-priority': 3 },
    ]),
  'redeclaring the type': (s) =>
    redeclared(s, { 'x-queue-type': 'quorum' }, [{ 'x-queue-type': 'quorum' }, { 'x-queue-type': 'classic' }, {}]),
  'redeclaring a plain queue as classic or quorum': (s) =>
    redeclared(s, {}, [{ 'x-queue-type': 'classic' }, { 'x-queue-type': 'quorum' }]),
  'redeclaring modes and versions': (s) =>
    redeclared(s, { 'x-queue-mode': 'lazy', 'x-queue-version': 2 }, [
      { 'x-queue-mode': 'default', 'x-queue-version': 2 },
      { 'x-queue-mode': 'lazy', 'x-queue-version': 1 },
      { 'x-queue-version': 2 },
      { 'x-queue-mode': 'lazy' },
    ]),
  'a declaration with several differences names one': (s) =>
    redeclared(s, { 'x-message-ttl': 1, 'x-expires': 60_000, 'x-max-length': 3 }, [
      { 'x-message-ttl': 2, 'x-expires': 70_000, 'x-max-length': 4 },
      { 'x-message-ttl': 2, 'x-expires': 60_000, 'x-max-length': 4 },
    ]),
  'the order in which differences are named': (s) =>
    orderOfDifferences(s, {
      'x-message-ttl': 60_000,
      'x-single-active-consumer': true,
      'x-queue-version': 2,
      'x-queue-mode': 'lazy',
      'x-overflow': 'reject-publish',
      'x-max-priority': 3,
      'x-max-length-bytes': 5,
      'x-max-length': 5,
      'x-dead-letter-exchange': 'x',
      'x-dead-letter-routing-key': 'k',
      'x-expires': 60_000,
      'x-queue-master-locator': 'client-local',
    }),
  'the order in which differences of quorum queues are named': (s) =>
    orderOfDifferences(s, {
      'x-queue-type': 'quorum',
      'x-message-ttl': 60_000,
      'x-single-active-consumer': true,
      'x-overflow': 'reject-publish',
      'x-max-length-bytes': 5,
      'x-max-length': 5,
      'x-dead-letter-exchange': 'x',
      'x-dead-letter-routing-key': 'k',
      'x-dead-letter-strategy': 'at-least-once',
      'x-expires': 60_000,
      'x-delivery-limit': 5,
      'x-quorum-initial-group-size': 1,
      'x-queue-leader-locator': 'client-local',
    }),
  'a redeclaration with an invalid argument is told so or that it differs': (s) =>
    redeclared(s, {}, [{ 'x-message-ttl': -1 }, { 'x-overflow': 'nonsense' }, { 'x-max-priority': 300 }]),
});
