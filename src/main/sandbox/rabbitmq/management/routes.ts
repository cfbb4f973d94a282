import { badRequest, type JsonResponse, NOT_FOUND, ok } from '../../local-json-server';
import type { Exchange } from '../broker/exchange';
import type { Queue } from '../broker/queue';
import type { Vhost } from '../broker/vhost';
import { ChannelConsumer } from '../server/consumer';
import { bindings, exchangeNamed } from './bindings';
import { control } from './control';
import { exportDefinitions, importDefinitions } from './definitions';
import {
  type Described,
  describeConnection,
  describeConsumer,
  describeExchange,
  describeOverview,
  describeQueue,
  describeVhost,
} from './describe';
import { listed, listIn } from './lists';
import { exchangeStats, queueStats } from './message-stats';
import { getMessages, publishMessage } from './messages';
import { importFlag, importPlainTable } from './plain-table';
import type { ManagedSandbox, ManagementRequest } from './request';

/** As a refusal with a reason, which clients show; rabbitmqadmin ends with a trace of itself at any other status. */
const NOT_ALLOWED = badRequest('the sandbox does not have this');

/** Answers one request. Throws AmqpError for what the broker refuses and SyntaxError for a body that is not JSON. */
export function handleManagementRequest(
  sandbox: ManagedSandbox,
  method: string,
  url: string,
  body: string,
): JsonResponse {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [root, collection, ...path] = pathname
    .split('/')
    .slice(1)
    .map(decodeURIComponent)
    .filter((part, index) => part !== '' || index > 1);
  if (root !== 'api' || collection === undefined) return NOT_FOUND;
  while (path.at(-1) === '') path.pop();
  const request: ManagementRequest = {
    sandbox,
    amqp: sandbox.amqp,
    method,
    path,
    query: searchParams,
    json: () => (body === '' ? {} : (JSON.parse(body) as Record<string, unknown>)),
  };
  const handle = COLLECTIONS[collection];
  return handle ? handle(request) : NOT_FOUND;
}

const COLLECTIONS: Record<string, (request: ManagementRequest) => JsonResponse> = {
  overview: ({ amqp }) => ok(describeOverview(amqp.broker, amqp.connections.size)),
  users: ({ amqp, path: [name], method }) => {
    if (method !== 'GET') return NOT_ALLOWED;
    const users = [...amqp.broker.users.keys()].map((user) => ({ name: user, tags: ['administrator'] }));
    if (name === undefined) return ok(users);
    const found = users.find((user) => user.name === name);
    return found ? ok(found) : NOT_FOUND;
  },
  whoami: ({ amqp }) => ok({ name: [...amqp.broker.users.keys()][0], tags: ['administrator'] }),
  'cluster-name': ({ amqp }) => ok({ name: amqp.broker.clusterName }),
  nodes: () => ok([{ name: 'sandbox@localhost', type: 'disc', running: true }]),
  'feature-flags': () => ok([]),
  permissions: ({ amqp, method }) =>
    method === 'PUT'
      ? { status: 204 }
      : ok(
          [...amqp.broker.users.keys()].flatMap((user) =>
            [...amqp.broker.vhosts.keys()].map((vhost) => ({ user, vhost, configure: '.*', write: '.*', read: '.*' })),
          ),
        ),
  policies: ({ method }) => (method === 'GET' ? ok([]) : NOT_ALLOWED),
  'operator-policies': ({ method }) => (method === 'GET' ? ok([]) : NOT_ALLOWED),
  parameters: ({ method }) => (method === 'GET' ? ok([]) : NOT_ALLOWED),
  'global-parameters': ({ method }) => (method === 'GET' ? ok([]) : NOT_ALLOWED),
  vhosts,
  exchanges,
  queues,
  bindings,
  definitions,
  connections,
  consumers: (request) => listIn(request, consumersOf, []),
  channels: () => ok([]),
  tapline: control,
};

function consumersOf(vhost: Vhost): Described[] {
  return [...vhost.queues.values()].flatMap((queue) =>
    queue.consumers.flatMap((consumer) =>
      consumer instanceof ChannelConsumer ? [describeConsumer(vhost, queue, consumer)] : [],
    ),
  );
}

function vhosts({ amqp, method, path: [name], query }: ManagementRequest): JsonResponse {
  if (name === undefined) return listed([...amqp.broker.vhosts.values()].map(describeVhost), query, ['name']);
  const existed = amqp.broker.vhosts.has(name);
  if (method === 'PUT') {
    amqp.broker.addVhost(name);
    return { status: existed ? 204 : 201 };
  }
  if (method === 'DELETE') {
    amqp.forceClose(`vhost '${name}' is deleted`, (connection) => connection.vhost?.name === name);
    return amqp.broker.removeVhost(name) ? { status: 204 } : NOT_FOUND;
  }
  const vhost = amqp.broker.vhosts.get(name);
  return vhost ? ok(describeVhost(vhost)) : NOT_FOUND;
}

function exchanges(request: ManagementRequest): JsonResponse {
  const {
    amqp,
    method,
    path: [name, nameInPath, action],
    query,
    json,
  } = request;
  const { tracer } = request.sandbox;
  const describe = (of: Vhost, item: Exchange) => ({
    ...describeExchange(of, item),
    ...exchangeStats(tracer.exchangeTotals(of.name, item.name)),
  });
  if (nameInPath === undefined)
    return listIn(request, (of) => [...of.exchanges.values()].map((item) => describe(of, item)));
  const exchangeName = exchangeNamed(nameInPath);
  const vhost = amqp.broker.vhosts.get(name ?? '');
  if (!vhost) return NOT_FOUND;
  if (action === 'publish') return method === 'POST' ? publishMessage(vhost, exchangeName, json()) : NOT_ALLOWED;
  const existing = vhost.exchanges.get(exchangeName);
  if (method === 'PUT') {
    const wanted = json();
    vhost.declareExchange({
      name: exchangeName,
      type: String(wanted.type ?? 'direct'),
      durable: importFlag(wanted.durable, true),
      autoDelete: importFlag(wanted.auto_delete, false),
      internal: importFlag(wanted.internal, false),
      arguments: importPlainTable(wanted.arguments),
    });
    return { status: existing ? 204 : 201 };
  }
  if (!existing) return NOT_FOUND;
  if (method !== 'DELETE') return ok(describe(vhost, existing));
  vhost.deleteExchange(existing, { ifUnused: query.get('if-unused') === 'true' });
  return { status: 204 };
}

function queues(request: ManagementRequest): JsonResponse {
  const {
    amqp,
    method,
    path: [name, queueName, action],
    query,
    json,
  } = request;
  const { tracer } = request.sandbox;
  const describe = (of: Vhost, item: Queue) => ({
    ...describeQueue(of, item),
    ...queueStats(tracer.queueTotals(of.name, item.name)),
  });
  if (queueName === undefined)
    return listIn(request, (of) => [...of.queues.values()].map((item) => describe(of, item)));
  const vhost = amqp.broker.vhosts.get(name ?? '');
  if (!vhost) return NOT_FOUND;
  const existing = vhost.queues.get(queueName);
  if (method === 'PUT') {
    const wanted = json();
    const args = importPlainTable(wanted.arguments);
    const declaration = {
      name: queueName,
      durable: importFlag(wanted.durable, true),
      autoDelete: importFlag(wanted.auto_delete, false),
      arguments: args,
      owner: null,
    };
    vhost.declareQueue(declaration, { exclusiveQueues: new Set() });
    return { status: existing ? 204 : 201 };
  }
  if (!existing) return NOT_FOUND;
  if (action === 'get') return method === 'POST' ? getMessages(existing, json()) : NOT_ALLOWED;
  if (method !== 'DELETE') return ok(describe(vhost, existing));
  if (action === 'contents') existing.purge();
  else
    vhost.deleteQueue(existing, {
      ifUnused: query.get('if-unused') === 'true',
      ifEmpty: query.get('if-empty') === 'true',
    });
  return { status: 204 };
}

function definitions({ amqp, method, path: [name], json }: ManagementRequest): JsonResponse {
  const only = name === undefined ? undefined : amqp.broker.vhosts.get(name);
  if (name !== undefined && !only) return NOT_FOUND;
  if (method === 'GET') return ok(exportDefinitions(amqp.broker, only));
  importDefinitions(amqp.broker, json(), only);
  return { status: 204 };
}

function connections({ amqp, method, path: [name], query }: ManagementRequest): JsonResponse {
  if (name === undefined) return listed([...amqp.connections].map(describeConnection), query, ['name']);
  const found = [...amqp.connections].find((connection) => connection.name === name);
  if (!found) return NOT_FOUND;
  if (method !== 'DELETE') return ok(describeConnection(found));
  amqp.forceClose('Closed via management plugin', (connection) => connection === found);
  return { status: 204 };
}
