import type { TrafficEvent } from './event';

const texts = new WeakMap<TrafficEvent, string>();

/** Everything of a message that is searched, in lower case: body, key, names, headers, reason. Worked out once for each event. */
export function searchText(event: TrafficEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const { body, headers, properties } = event;
  const parts = [
    event.routingKey,
    event.exchange,
    event.queue,
    event.messageId,
    event.reason,
    body && body.format !== 'masked' ? body.text : undefined,
    headers && JSON.stringify(headers),
    properties && JSON.stringify(properties),
  ];
  const text = parts
    .filter((part) => part !== undefined)
    .join('\n')
    .toLowerCase();
  texts.set(event, text);
  return text;
}

/** The words of a search; every one must occur. */
export function searchWords(search: string): string[] {
  return search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}
