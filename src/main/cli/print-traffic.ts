import type { Flow } from '@shared/flow/schema';
import type { Counter, CounterSet, Counters } from '@shared/traffic/counter';
import type { Body, Phase, TrafficEvent } from '@shared/traffic/event';
import type { BrokerStatus } from '@shared/traffic/frame';
import { nodeLabel } from './find-node';
import { type Cell, type Colour, type Paint, plain, table } from './text';

const COLOURS: Record<Phase, Colour> = {
  published: 'cyan',
  confirmed: 'dim',
  returned: 'yellow',
  routed: 'cyan',
  delivered: 'blue',
  logged: 'dim',
  unmatched: 'yellow',
  acked: 'green',
  failed: 'red',
  retried: 'yellow',
  rejected: 'red',
  requeued: 'yellow',
  'dead-lettered': 'red',
  expired: 'red',
  dropped: 'red',
};
const PHASE_WIDTH = 13;
/** Characters of a body on its line. */
const MOST_BODY = 120;

/** One line: time, what happened, where, key, body, and why. */
export function describeEvent(flow: Flow, event: TrafficEvent, paint: Paint): string {
  const { at, phase, node, exchange, routingKey, queue, sizeBytes, body, reason, inferred } = event;
  const route = [exchange === undefined ? '' : exchange || '(default)', routingKey ?? '', queue ?? ''].filter(Boolean);
  const parts = [
    paint('dim', new Date(at).toISOString().slice(11, 23)),
    paint(COLOURS[phase], phase.padEnd(PHASE_WIDTH)),
    plain(nodeLabel(flow, node)),
    paint('dim', plain(route.join(' → '))),
    body === undefined ? paint('dim', `${sizeBytes} bytes`) : plain(describeBody(body, sizeBytes)),
    reason === undefined ? '' : paint('yellow', plain(reason)),
    inferred ? paint('dim', '(inferred)') : '',
  ];
  return `${parts.filter(Boolean).join('  ')}\n`;
}

/** A body on one line. */
export function describeBody(body: Body, sizeBytes: number): string {
  if (body.format === 'masked') return `masked, ${sizeBytes} bytes`;
  const text = body.format === 'json' ? body.text.replace(/\s*\n\s*/g, ' ') : body.text;
  return text.length > MOST_BODY || body.cut ? `${text.slice(0, MOST_BODY)}… ${sizeBytes} bytes` : text;
}

/** `12`, `≥12` after a gap, `?` when it is not known. */
function describeCounter({ value, completeness }: Counter): string {
  if (value === null || completeness === 'unknown') return '?';
  return `${completeness === 'atLeast' ? '≥' : ''}${value.toLocaleString('en')}`;
}

function counterCells(set: CounterSet): string {
  return Object.entries(set)
    .filter(([, counter]) => counter !== undefined)
    .map(
      ([name, counter]) =>
        `${name} ${describeCounter(counter)}${counter.source === 'own' ? '' : ` (${counter.source})`}`,
    )
    .join('  ');
}

/** A line for every node and link that has counters; each number but Tapline's own says where it comes from. */
export function describeCounters(flow: Flow, { nodes, links }: Counters, paint: Paint): string {
  const rows: (string | Cell)[][] = Object.entries(nodes).map(([id, set]) => [nodeLabel(flow, id), counterCells(set)]);
  for (const [id, set] of Object.entries(links)) {
    const link = flow.links[id];
    const ends = link
      ? [link.from, link.to].map((end) => ('node' in end ? (flow.nodes[end.node]?.name ?? end.node) : end.name))
      : [id];
    rows.push([{ text: `${link?.type ?? 'link'} ${ends.join(' → ')}`, colour: 'dim' }, counterCells(set)]);
  }
  return table(
    rows.filter(([, counters]) => counters !== ''),
    paint,
  );
}

/** `main: reconnecting, attempt 3: connection refused`; undefined for states nobody needs to hear of. */
export function describeBroker(id: string, status: BrokerStatus): string | undefined {
  switch (status.state) {
    case 'idle':
    case 'connecting':
      return undefined;
    case 'connected':
      return `${id}: connected`;
    case 'reconnecting':
      return `${id}: reconnecting, attempt ${status.attempt}: ${status.lastError}`;
    case 'blocked':
      return `${id}: blocked: ${status.reason}`;
    case 'failed':
      return `${id}: ${status.lastError}`;
    default:
      return status satisfies never;
  }
}
