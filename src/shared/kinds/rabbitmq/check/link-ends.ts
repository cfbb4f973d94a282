import type { Problem } from '@shared/flow/problem';
import { docs } from '../docs';
import { linkSubject, nodeSubject, type Rule, say } from './finding';
import type { IndexedLink } from './links';
import type { BrokerModel } from './model';

const WORDS: Record<string, { one: string; docsUrl: string }> = {
  binding: { one: 'A binding', docsUrl: docs.bindings },
  'dead-letter': { one: 'A dead-letter link', docsUrl: docs.deadLettering },
  alternate: { one: 'An alternate link', docsUrl: docs.alternateExchange },
};

function findCrossing(model: BrokerModel, { id, link }: IndexedLink): Problem[] {
  const words = WORDS[link.type];
  if (!words) return [];
  const common = { subject: linkSubject(id), severity: 'error' as const, docsUrl: words.docsUrl };
  const [fromBroker, toBroker] = [link.from, link.to].map((end) =>
    'node' in end ? model.flow.nodes[end.node]?.broker : undefined,
  );
  if (fromBroker !== undefined && toBroker !== undefined && fromBroker !== toBroker) {
    const message = `${words.one} cannot lead from one broker to another; a shovel or a handler does that.`;
    return [{ ...common, code: 'link/crosses-brokers', message, docsUrl: docs.vhosts }];
  }
  const from = model.refer(link.from, link.to);
  const to = model.refer(link.to, link.from);
  if (!from || !to || from.vhost === to.vhost) return [];
  const message = `${words.one} stays within one virtual host, but ${say(from.name)} is in ${say(from.vhost)} and ${say(to.name)} in ${say(to.vhost)}.`;
  return [{ ...common, code: 'link/crosses-vhosts', message, docsUrl: docs.vhosts }];
}

/** Bindings, dead letters and alternates stay within one virtual host of one broker. */
export const checkCrossings: Rule = (model) => {
  const { bindings, deadLetters, alternates } = model.links;
  return [...bindings, ...deadLetters, ...alternates].flatMap((link) => findCrossing(model, link));
};

/** A queue has one dead-letter exchange, an exchange one alternate. */
export const checkSecondLinks: Rule = ({ links, flow }) => {
  const findSecond = (byNode: ReadonlyMap<string, IndexedLink[]>, what: string, code: string, docsUrl: string) =>
    [...byNode].flatMap(([nodeId, found]): Problem[] => {
      const node = flow.nodes[nodeId];
      if (!node || found.length < 2) return [];
      const message = `${node.type === 'rabbitmq.queue' ? 'Queue' : 'Exchange'} ${say(node.name)} has ${found.length} ${what} links; RabbitMQ allows one, remove the others.`;
      return [{ code, severity: 'error', subject: nodeSubject(nodeId), message, docsUrl }];
    });
  return [
    ...findSecond(links.deadLettersOf, 'dead-letter', 'queue/second-dead-letter', docs.deadLettering),
    ...findSecond(links.alternatesOf, 'alternate', 'exchange/second-alternate', docs.alternateExchange),
  ];
};
