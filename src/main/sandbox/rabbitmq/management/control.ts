import type { HeldCount } from '@shared/api/sandbox';
import { badRequest, type JsonResponse, NOT_FOUND, ok } from '../../local-json-server';
import type { SandboxBroker } from '../broker/broker';
import type { ManagementRequest } from './request';

/**
 * Tapline's own endpoints: `GET trace?cursor=N&max=M` (what happened), `GET state`, `GET|PUT clock` (`{paused, speed}`),
 * `POST step` (`{ms}`), `POST reset`, `PUT|DELETE holders/ID`.
 */
export function control(request: ManagementRequest): JsonResponse {
  const {
    sandbox,
    amqp,
    method,
    path: [what, id],
    query,
    json,
  } = request;
  const { clock, behaviour } = amqp.broker;
  const clockState = () => ({ now: clock.now(), paused: clock.paused, speed: clock.speed });
  if (what === 'trace' && method === 'GET') {
    const max = Math.min(Number(query.get('max')) || 500, 5000);
    return ok(sandbox.tracer.frame(Number(query.get('cursor')) || 0, max));
  }
  if (what === 'clock' && method === 'GET') return ok(clockState());
  if (what === 'clock' && method === 'PUT') {
    const { paused, speed } = json();
    if (typeof speed === 'number') {
      if (!(speed >= 0.01 && speed <= 1000)) return badRequest('speed is a number from 0.01 to 1000');
      clock.setSpeed(speed);
    }
    if (paused === true) clock.pause();
    if (paused === false && clock.paused) clock.resume();
    return ok(clockState());
  }
  if (what === 'step' && method === 'POST') {
    const { ms } = json();
    if (typeof ms !== 'number' || !(ms > 0)) return badRequest('ms is a number above 0');
    if (!clock.paused) return badRequest('only a paused clock can be stepped');
    clock.step(ms);
    return ok(clockState());
  }
  if (what === 'reset' && method === 'POST') {
    sandbox.reset();
    return { status: 204 };
  }
  if (what === 'state' && method === 'GET') {
    const holds = countHeld(amqp.broker);
    return ok({ version: behaviour.version, clock: clockState(), holds, remarks: sandbox.remarks() });
  }
  if (what === 'holders' && id !== undefined && sandbox.holders) {
    if (method === 'PUT') return { status: sandbox.holders.renew(id) ? 204 : 503 };
    if (method === 'DELETE') return ok({ ending: sandbox.holders.release(id) });
  }
  return NOT_FOUND;
}

/** What a reset would drop. */
function countHeld(broker: SandboxBroker): HeldCount[] {
  const vhosts = [...broker.vhosts.values()];
  const isDeclared = (name: string) => name !== '' && !name.startsWith('amq.');
  const { ready, unacked } = broker.totals();
  const exchanges = vhosts.reduce((sum, vhost) => sum + [...vhost.exchanges.keys()].filter(isDeclared).length, 0);
  const queues = vhosts.reduce((sum, vhost) => sum + vhost.queues.size, 0);
  return [
    { one: 'exchange', many: 'exchanges', count: exchanges },
    { one: 'queue with its bindings', many: 'queues with their bindings', count: queues },
    { one: 'message', many: 'messages', count: ready + unacked },
  ];
}
