import { topologyKey } from '../resolve';
import { type BrokerModel, findText } from './model';

/** What is fed by something other than a binding, by `topologyKey`. */
export interface Feeds {
  published: ReadonlySet<string>;
  deadLettered: ReadonlySet<string>;
  alternate: ReadonlySet<string>;
}

/** Collects where publishers, dead letters and alternates lead to; policies count. */
export function findFeeds(model: Pick<BrokerModel, 'links' | 'queues' | 'exchanges' | 'refer'>): Feeds {
  const published = new Set<string>();
  const deadLettered = new Set<string>();
  const alternate = new Set<string>();
  for (const { link } of model.links.publishes) {
    const target = model.refer(link.to);
    if (target) published.add(topologyKey(target.objectType, target.vhost, target.name));
  }
  for (const queue of model.queues) {
    const exchange = findText(queue, 'x-dead-letter-exchange');
    if (exchange === undefined) continue;
    const { vhost } = queue.object;
    if (exchange !== '') deadLettered.add(topologyKey('exchange', vhost, exchange));
    else deadLettered.add(topologyKey('queue', vhost, findText(queue, 'x-dead-letter-routing-key') ?? ''));
  }
  for (const exchange of model.exchanges) {
    const name = findText(exchange, 'alternate-exchange');
    if (name) alternate.add(topologyKey('exchange', exchange.object.vhost, name));
  }
  return { published, deadLettered, alternate };
}
