import { Failure } from '@shared/failure';
import type { Json } from '@shared/flow/schema';
import type { BindingObject, VhostObject } from '@shared/kinds/rabbitmq/objects';
import { bindingIdentity } from '@shared/kinds/rabbitmq/plan/compare';
import type { ConnectionTarget } from '../driver';
import { type ApiBinding, type ApiQueue, type ApiVhostLimits, toBinding } from './api-shapes';
import type { RabbitStep } from './apply';
import type { ManagementClient } from './management';

const encode = encodeURIComponent;

/** Makes, changes or deletes one object that only the management API can. @throws Failure with the broker's reason */
export async function applyOverHttp(
  client: ManagementClient,
  { object, action }: RabbitStep,
  target: ConnectionTarget,
): Promise<void> {
  const put = (path: string, body: unknown) =>
    action === 'delete' ? client.change('DELETE', path) : client.change('PUT', path, body);
  switch (object.type) {
    case 'vhost':
      return action === 'delete' ? deleteVhost(client, object.vhost.name) : putVhost(client, object.vhost);
    case 'policy':
    case 'operator-policy': {
      const { vhost, name, pattern, applyTo, priority, definition } = object.policy;
      const collection = object.type === 'policy' ? 'policies' : 'operator-policies';
      const body = { pattern, priority, definition, 'apply-to': applyTo };
      return put(`/api/${collection}/${encode(vhost)}/${encode(name)}`, body);
    }
    case 'parameter': {
      const { vhost, component, name } = object;
      const value = action === 'delete' ? null : fillSecrets(object.value, target.secrets ?? {});
      const body = { vhost, component, name, value };
      return put(`/api/parameters/${encode(component)}/${encode(vhost)}/${encode(name)}`, body);
    }
    case 'binding':
      return deleteBinding(client, object.binding);
    default:
      throw new Error(`${object.type} steps go over AMQP`);
  }
}

/** The broker opens a new vhost to the user who made it. */
async function putVhost(client: ManagementClient, vhost: VhostObject): Promise<void> {
  const { name, description, tags, defaultQueueType, limits } = vhost;
  await client.change('PUT', `/api/vhosts/${encode(name)}`, {
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags: tags.join(',') }),
    ...(defaultQueueType === undefined ? {} : { default_queue_type: defaultQueueType }),
  });
  if (!limits) return;
  const [old] = await client.list<ApiVhostLimits>(`/api/vhost-limits/${encode(name)}`);
  for (const limit of Object.keys(old?.value ?? {}).filter((key) => !(key in limits)))
    await client.change('DELETE', `/api/vhost-limits/${encode(name)}/${encode(limit)}`);
  for (const [limit, value] of Object.entries(limits))
    await client.change('PUT', `/api/vhost-limits/${encode(name)}/${encode(limit)}`, { value });
}

/** Whatever is still in a vhost goes with it: a queue that was kept, or came since, keeps the vhost. */
async function deleteVhost(client: ManagementClient, name: string): Promise<void> {
  const queues = await client.list<ApiQueue>(`/api/queues/${encode(name)}?disable_stats=true`);
  const [first] = queues;
  if (first)
    throw new Failure(
      'deploy/vhost-in-use',
      `The vhost “${name}” still holds ${queues.length === 1 ? 'the queue' : `${queues.length} queues, such as`} “${first.name}”.`,
      { hint: 'Delete what is in it first.' },
    );
  await client.change('DELETE', `/api/vhosts/${encode(name)}`);
}

/** Deletes by the broker's own key of the binding, which knows the types of its arguments. */
async function deleteBinding(client: ManagementClient, binding: BindingObject): Promise<void> {
  const { vhost, source, destination, destinationType } = binding;
  const between = `/api/bindings/${encode(vhost)}/e/${encode(source)}/${destinationType === 'queue' ? 'q' : 'e'}/${encode(destination)}`;
  const identity = bindingIdentity(binding);
  for (const found of await client.list<ApiBinding>(between))
    if (bindingIdentity(toBinding(found)) === identity)
      await client.change('DELETE', `${between}/${encode(found.properties_key)}`);
}

/** Puts the secrets back that `{{secret:ID}}` stands for. @throws Failure `deploy/missing-secret` rather than deploy a placeholder */
function fillSecrets(value: Json, secrets: Readonly<Record<string, string>>): Json {
  if (typeof value === 'string')
    return value.replace(/\{\{secret:([^}]*)\}\}/g, (_, id: string) => {
      const secret = secrets[id];
      if (secret !== undefined) return secret;
      throw new Failure('deploy/missing-secret', `The secret “${id}” is not known here.`, {
        hint: 'Give it with the connection.',
      });
    });
  if (Array.isArray(value)) return value.map((item) => fillSecrets(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillSecrets(item, secrets)]));
}
