import { argument, type CommandContext, type CommandTable, SYNTAX_ERROR, wholeNumber } from '../command';
import type { ConsumerGroup, PendingEntry } from '../consumer-group';
import { NULL_ARRAY, RedisError, type Reply } from '../reply';
import { Stream, type StreamEntry } from '../stream';
import { compareIds, formatId, MIN_ID, parseId, parseRange, type StreamId } from '../stream-id';
import { findGroup } from './groups';

/** What consumers owe: looking at it and taking it over. */
export const pendingCommands: CommandTable = {
  XPENDING: { arity: -3, run: pending },
  XCLAIM: { arity: -6, run: claim },
  XAUTOCLAIM: { arity: -6, run: autoClaim },
};

function pending(context: CommandContext, args: string[]): Reply {
  const { group } = findGroup(context, argument(args, 0), argument(args, 1));
  if (args.length === 2) return summary(group);
  let at = 2;
  let idleMs = 0;
  if (argument(args, at).toUpperCase() === 'IDLE') {
    idleMs = wholeNumber(args[at + 1]);
    at += 2;
  }
  if (args.length < at + 3 || args.length > at + 4) throw new RedisError(SYNTAX_ERROR);
  const { from, to } = parseRange(argument(args, at), argument(args, at + 1));
  const count = wholeNumber(args[at + 2]);
  const consumer = args[at + 3];
  const now = context.now();
  const found: Reply[] = [];
  for (const entry of group.pendingEntries()) {
    if (found.length >= count || compareIds(entry.id, to) > 0) break;
    if (compareIds(entry.id, from) < 0 || now - entry.deliveredAt < idleMs) continue;
    if (consumer !== undefined && entry.consumer !== consumer) continue;
    found.push([formatId(entry.id), entry.consumer, Math.max(0, now - entry.deliveredAt), entry.deliveries]);
  }
  return found;
}

function summary(group: ConsumerGroup): Reply {
  const all = [...group.pendingEntries()];
  const [first, last] = [all[0], all[all.length - 1]];
  if (!first || !last) return [0, null, null, NULL_ARRAY];
  const consumers = [...group.consumers.keys()].sort();
  return [
    all.length,
    formatId(first.id),
    formatId(last.id),
    consumers
      .map((name) => [name, group.pendingOf(name)] as const)
      .flatMap(([name, count]) => (count > 0 ? [[name, String(count)]] : [])),
  ];
}

interface ClaimOptions {
  consumer: string;
  deliveredAt: number;
  deliveries?: number;
  justId: boolean;
}

/** Hands a pending entry to another consumer. */
function handOver(
  context: CommandContext,
  at: { key: string; group: ConsumerGroup; entry: StreamEntry },
  debt: PendingEntry,
  { consumer, deliveredAt, deliveries, justId }: ClaimOptions,
): Reply {
  debt.consumer = consumer;
  debt.deliveredAt = deliveredAt;
  if (deliveries !== undefined) debt.deliveries = deliveries;
  else if (!justId) debt.deliveries += 1;
  const id = formatId(debt.id);
  if (justId) return id;
  const { key, group, entry } = at;
  context.observe({
    type: 'delivered',
    stream: key,
    group: group.name,
    consumer,
    id,
    deliveries: debt.deliveries,
    fields: entry.fields,
  });
  return Stream.reply(entry);
}

function claim(context: CommandContext, args: string[]): Reply {
  const [key, name, consumer] = [argument(args, 0), argument(args, 1), argument(args, 2)];
  const { stream, group } = findGroup(context, key, name);
  const minIdleMs = wholeNumber(args[3], 'ERR Invalid min-idle-time argument for XCLAIM');
  const ids: StreamId[] = [];
  let at = 4;
  for (; at < args.length && /^\d+(-\d+)?$/.test(argument(args, at)); at += 1) ids.push(parseId(argument(args, at)));
  const now = context.now();
  const options: ClaimOptions = { consumer, deliveredAt: now, justId: false };
  let force = false;
  for (; at < args.length; at += 1) {
    const option = argument(args, at).toUpperCase();
    if (option === 'JUSTID') options.justId = true;
    else if (option === 'FORCE') force = true;
    else {
      at += 1;
      if (option === 'IDLE') options.deliveredAt = now - wholeNumber(args[at]);
      else if (option === 'TIME') options.deliveredAt = Math.min(now, wholeNumber(args[at]));
      else if (option === 'RETRYCOUNT') options.deliveries = wholeNumber(args[at]);
      else if (option === 'LASTID') parseId(argument(args, at));
      else throw new RedisError(`ERR Unrecognized XCLAIM option '${args[at - 1]}'`);
    }
  }
  const owner = group.consumer(consumer, now);
  return ids.flatMap((id) => {
    const entry = stream.find(id);
    let debt = group.pendingAt(id);
    if (!entry) {
      // The entry was trimmed or deleted: the debt cannot be paid any more.
      if (debt) group.settle(id);
      return [];
    }
    if (!debt && force) {
      debt = { id, consumer, deliveredAt: 0, deliveries: 1 };
      group.owe(debt);
    }
    if (!debt || now - debt.deliveredAt < minIdleMs) return [];
    owner.activeAt = now;
    return [handOver(context, { key, group, entry }, debt, options)];
  });
}

/** Default number of entries, and how many are looked at for each. Source: XAUTOCLAIM's documentation. */
const AUTO_CLAIM_COUNT = 100;
const AUTO_CLAIM_ATTEMPTS = 10;

function autoClaim(context: CommandContext, args: string[]): Reply {
  const [key, name, consumer] = [argument(args, 0), argument(args, 1), argument(args, 2)];
  const minIdleMs = wholeNumber(args[3], 'ERR Invalid min-idle-time argument for XAUTOCLAIM');
  const { from } = parseRange(argument(args, 4), '+');
  let count = AUTO_CLAIM_COUNT;
  let justId = false;
  for (let at = 5; at < args.length; at += 1) {
    const option = argument(args, at).toUpperCase();
    if (option === 'JUSTID') justId = true;
    else if (option === 'COUNT') {
      at += 1;
      count = wholeNumber(args[at]);
      if (count <= 0) throw new RedisError('ERR COUNT must be > 0');
    } else throw new RedisError(SYNTAX_ERROR);
  }
  const { stream, group } = findGroup(context, key, name);
  const now = context.now();
  const owner = group.consumer(consumer, now);
  const claimed: Reply[] = [];
  const gone: string[] = [];
  let attempts = count * AUTO_CLAIM_ATTEMPTS;
  let next: StreamId = MIN_ID;
  for (const debt of group.pendingEntries()) {
    if (compareIds(debt.id, from) < 0) continue;
    if (attempts === 0 || claimed.length + gone.length >= count) {
      next = debt.id;
      break;
    }
    attempts -= 1;
    const entry = stream.find(debt.id);
    if (!entry) {
      group.settle(debt.id);
      gone.push(formatId(debt.id));
      continue;
    }
    if (now - debt.deliveredAt < minIdleMs) continue;
    owner.activeAt = now;
    claimed.push(handOver(context, { key, group, entry }, debt, { consumer, deliveredAt: now, justId }));
  }
  return [formatId(next), claimed, gone];
}
