import { type JsonResponse, NOT_FOUND } from '../../local-json-server';
import { describeBindings, propertiesKey } from './describe';
import { listed, listIn } from './lists';
import { importPlainTable } from './plain-table';
import type { ManagementRequest } from './request';

/** URLs cannot hold an empty name: the default exchange has another there. */
export const exchangeNamed = (name: string) => (name === 'amq.default' ? '' : name);

const BINDING_KEYS = ['vhost', 'source', 'destination', 'routing_key', 'properties_key'];

/** `bindings`, `bindings/VHOST`, and `bindings/VHOST/e/SOURCE/q|e/DESTINATION[/KEY]`. */
export function bindings(request: ManagementRequest): JsonResponse {
  const { amqp, method, path, query, json } = request;
  const [name, marker, sourceName, destinationMarker, destination, key] = path;
  if (marker === undefined) return listIn(request, describeBindings, BINDING_KEYS);
  const vhost = amqp.broker.vhosts.get(name ?? '');
  const source = vhost?.exchanges.get(exchangeNamed(sourceName ?? ''));
  if (!vhost || !source || destination === undefined || marker !== 'e') return NOT_FOUND;
  const type = destinationMarker === 'e' ? 'exchange' : 'queue';
  if (method === 'POST') {
    const wanted = json();
    if (type === 'queue') vhost.queue(destination);
    else vhost.exchange(destination);
    vhost.bind(source, type, destination, String(wanted.routing_key ?? ''), importPlainTable(wanted.arguments));
    return { status: 201 };
  }
  const all = [...source.bindings.values()].filter(
    (binding) => binding.destinationType === type && binding.destination === destination,
  );
  if (method === 'GET')
    return listed(
      describeBindings(vhost).filter(
        (binding) =>
          binding.source === source.name && binding.destination === destination && binding.destination_type === type,
      ),
      query,
      BINDING_KEYS,
    );
  // The key is encoded in itself; callers send it as it is, or encoded once more for the URL.
  const one = all.find((binding) => {
    const own = propertiesKey(binding.routingKey, binding.arguments);
    return own === key || decodeURIComponent(own.replaceAll('+', ' ')) === key;
  });
  if (method !== 'DELETE' || !one) return NOT_FOUND;
  vhost.unbind(source, type, destination, one.routingKey, one.arguments);
  return { status: 204 };
}
