import type { ExchangeObject, FoundTopology } from '@shared/kinds/rabbitmq/objects';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import { findTapKeys, isTapQueue, type TapKeys } from '@shared/kinds/rabbitmq/tap/tap-bindings';
import { tapSafety } from '@shared/kinds/rabbitmq/tap/tap-safety';
import type { DrawnObject, Subjects } from './subjects';

/** Queues that a vhost's limit must leave room for besides the taps. */
const QUEUE_HEADROOM = 10;

/** What is planned for one drawn exchange: the keys of a tap, or the reason for none. */
export type PlannedTap = DrawnObject & { key: string } & (
    | { keys: TapKeys; reason?: undefined }
    | { keys?: undefined; reason: string }
  );

/** Which of the drawn exchanges can be tapped as they were found, and with which keys. */
export function planTaps(found: FoundTopology, { exchanges }: Subjects): PlannedTap[] {
  const byKey = new Map(found.exchanges.map((exchange) => [objectKey(exchange.vhost, exchange.name), exchange]));
  const crowded = findCrowdedVhosts(found, exchanges);
  return [...exchanges].map(([key, drawn]): PlannedTap => {
    const exchange = byKey.get(key) ?? (drawn.name === '' ? defaultExchange(drawn.vhost) : undefined);
    if (!exchange) return { ...drawn, key, reason: 'It is not there in the broker.' };
    const safety = tapSafety(exchange, found.facts);
    if (!safety.allowed) return { ...drawn, key, reason: safety.reason };
    const limit = crowded.get(drawn.vhost);
    if (limit !== undefined) return { ...drawn, key, reason: limit };
    return { ...drawn, key, keys: findTapKeys(exchange, { ...found, bindings: found.bindings ?? [] }) };
  });
}

/** Where tap queues would take what the vhost's limit leaves to others. */
function findCrowdedVhosts({ vhosts, queues }: FoundTopology, exchanges: Subjects['exchanges']): Map<string, string> {
  const crowded = new Map<string, string>();
  for (const { name, limits } of vhosts ?? []) {
    const max = limits?.['max-queues'];
    if (typeof max !== 'number' || max < 0) continue;
    const taps = [...exchanges.values()].filter(({ vhost }) => vhost === name).length;
    const used = queues.filter(({ vhost }) => vhost === name).length;
    if (used + taps + QUEUE_HEADROOM > max)
      crowded.set(name, `The vhost may have ${max} queues and has ${used}: taps would take the place of others.`);
  }
  return crowded;
}

function defaultExchange(vhost: string): ExchangeObject {
  return { vhost, name: '', type: 'direct', durable: true, autoDelete: false, internal: false, arguments: {} };
}

/** Taps, ours and those of another Tapline, are nobody's topology. */
export function withoutTaps(found: FoundTopology): FoundTopology {
  const bindings = found.bindings?.filter(
    ({ destination, destinationType }) => destinationType === 'exchange' || !isTapQueue(destination),
  );
  return { ...found, bindings: bindings ?? null };
}
