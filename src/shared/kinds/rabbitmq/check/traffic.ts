import type { Problem } from '@shared/flow/problem';
import { docs } from '../docs';
import { objectKey } from '../objects';
import { topologyKey } from '../resolve';
import { nodeSubject, type Rule, say, sayList } from './finding';
import { type BrokerModel, type CheckedQueue, findNumber, findText } from './model';

/** An exchange without bindings drops what it gets. */
export const checkUnboundExchanges: Rule = (model) => {
  return model.exchanges.flatMap((exchange): Problem[] => {
    const { id, object, ownership } = exchange;
    const at = objectKey(object.vhost, object.name);
    if (ownership === 'ignored' || (model.bindingsFrom.get(at) ?? []).length > 0) return [];
    const alternate = findText(exchange, 'alternate-exchange');
    if (alternate) return [];
    const key = topologyKey('exchange', object.vhost, object.name);
    const common = { code: 'exchange/unbound', subject: nodeSubject(id), docsUrl: docs.bindings };
    const isOurs = ownership === 'managed';
    const name = say(object.name);
    if (model.feeds.published.has(key)) {
      const message = `Exchange ${name} is published to but bound to nothing: every message is lost. Connect it to a queue.`;
      return [{ ...common, severity: isOurs ? 'error' : 'warning', message }];
    }
    if (model.feeds.deadLettered.has(key)) {
      const message = `Exchange ${name} gets dead letters but is bound to nothing: they are silently dropped. Connect it to a queue.`;
      return [{ ...common, severity: isOurs ? 'error' : 'warning', message }];
    }
    const isFed = model.feeds.alternate.has(key) || model.bindingsTo.has(key);
    const message = `Exchange ${name} is bound to nothing: messages that come to it are lost.`;
    return [{ ...common, severity: isFed && isOurs ? 'warning' : 'hint', message }];
  });
};

/** Is anything drawn that puts messages into a queue? */
function isFed(model: BrokerModel, { object }: CheckedQueue): boolean {
  const key = topologyKey('queue', object.vhost, object.name);
  return model.bindingsTo.has(key) || model.feeds.published.has(key) || model.feeds.deadLettered.has(key);
}

/** A queue without binding, publisher or dead letters. Any application may publish by its name, so where no publisher is drawn it is one hint for all. */
export const checkUnfilledQueues: Rule = (model) => {
  const unfilled = model.queues.filter((queue) => queue.ownership !== 'ignored' && !isFed(model, queue));
  if (unfilled.length === 0) return [];
  const code = 'queue/nobody-fills';
  const docsUrl = docs.bindings;
  if (model.links.publishes.length === 0 && unfilled.length > 1) {
    const names = sayList(unfilled.map(({ object }) => object.name));
    const message = `No publisher is drawn, and ${unfilled.length} queues have no binding (${names}): only messages sent to them by name reach them.`;
    return [{ code, severity: 'hint', subject: { type: 'broker', id: model.id }, message, docsUrl }];
  }
  return unfilled.map(({ id, object, ownership }): Problem => {
    const isSure = model.links.publishes.length > 0 && ownership === 'managed';
    const message = `Nobody fills queue ${say(object.name)}: it has no binding, no publisher and no dead letters.`;
    return { code, severity: isSure ? 'warning' : 'hint', subject: nodeSubject(id), message, docsUrl };
  });
};

/** Does a queue empty itself, or is it meant to be read later? Streams, wait queues and queues that keep dead letters are. */
function needsNoHandler(model: BrokerModel, queue: CheckedQueue): boolean {
  if (queue.queueType === 'stream' || findNumber(queue, 'x-message-ttl') !== undefined) return true;
  const { vhost, name } = queue.object;
  if (model.feeds.deadLettered.has(topologyKey('queue', vhost, name))) return true;
  const bindings = model.bindingsTo.get(topologyKey('queue', vhost, name)) ?? [];
  return (
    bindings.length > 0 &&
    bindings.every(({ binding }) => {
      const source = topologyKey('exchange', vhost, binding.source);
      const isCatchAll = model.feeds.deadLettered.has(source) || model.feeds.alternate.has(source);
      return isCatchAll && !model.feeds.published.has(source);
    })
  );
}

/** A queue without handler grows until the broker stops publishers. Where no handler is drawn at all it is one hint for all. */
export const checkUndrainedQueues: Rule = (model) => {
  const undrained = model.queues.filter(
    (queue) => queue.ownership !== 'ignored' && !model.links.consumed.has(queue.id) && !needsNoHandler(model, queue),
  );
  if (undrained.length === 0) return [];
  const code = 'queue/nobody-drains';
  if (model.links.consumed.size === 0 && undrained.length > 1) {
    const names = sayList(undrained.map(({ object }) => object.name));
    const message = `No handler is drawn, so Tapline cannot tell who drains ${undrained.length} queues (${names}).`;
    return [{ code, severity: 'hint', subject: { type: 'broker', id: model.id }, message, docsUrl: docs.consumers }];
  }
  return undrained.map((queue): Problem => {
    const isLimited =
      findNumber(queue, 'x-max-length') !== undefined || findNumber(queue, 'x-max-length-bytes') !== undefined;
    const outcome = isLimited ? 'once it is full, messages are dropped or refused' : 'it grows without end';
    const isSure = model.links.consumed.size > 0 && queue.ownership === 'managed';
    return {
      code,
      severity: isSure ? 'warning' : 'hint',
      subject: nodeSubject(queue.id),
      message: `Nobody drains queue ${say(queue.object.name)}: ${outcome}. Connect a handler, also one that runs elsewhere.`,
      docsUrl: docs.consumers,
    };
  });
};
