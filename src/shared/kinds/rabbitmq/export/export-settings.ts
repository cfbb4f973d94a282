import type { Broker, Json } from '@shared/flow/schema';
import { type RabbitBrokerSettings, rabbitBrokerSettingsSchema } from '../schema';
import { type Entry, sortBy } from './export-objects';

/** Vhosts, policies and parameters of a broker as entries of definitions. Settings that cannot be read are left out, with a notice. */
export function exportSettings(broker: Broker | undefined, defaultVhost: string) {
  const parsed = rabbitBrokerSettingsSchema.safeParse(broker?.settings ?? {});
  const settings = parsed.success ? parsed.data : rabbitBrokerSettingsSchema.parse({});
  const byName = (list: Entry[]) => sortBy(list, ({ vhost, component, name }) => [vhost, component, name]);
  const parameters = Object.values(settings.parameters).map(
    ({ vhost = defaultVhost, component, name, value, extra }): Entry => ({
      ...asEntry(extra),
      vhost,
      component,
      name,
      value: value as Json,
    }),
  );
  const operatorPolicies = Object.values(settings.operatorPolicies).map((policy): Entry => {
    const { name, vhost, ...value } = policyEntry(policy, defaultVhost);
    return { vhost: vhost ?? defaultVhost, component: 'operator_policy', name: name ?? '', value };
  });
  const lists = {
    vhosts: Object.entries(settings.vhosts).map(([name, vhost]) => vhostEntry(name, vhost)),
    global_parameters: byName(
      Object.values(settings.globalParameters).map(
        ({ name, value, extra }): Entry => ({ ...asEntry(extra), name, value: value as Json }),
      ),
    ),
    parameters: byName([...parameters, ...operatorPolicies]),
    policies: byName(Object.values(settings.policies).map((policy) => policyEntry(policy, defaultVhost))),
  };
  const notices = parsed.success
    ? []
    : [`Virtual hosts, policies and parameters of “${broker?.name}” left out: they are not valid, Check says why.`];
  return { lists, notices };
}

function asEntry(extra: unknown): Entry {
  return typeof extra === 'object' && extra !== null ? (extra as Entry) : {};
}

function policyEntry(policy: RabbitBrokerSettings['policies'][string], defaultVhost: string): Entry {
  const { vhost = defaultVhost, name, pattern, applyTo, priority, definition, extra } = policy;
  return { ...asEntry(extra), vhost, name, pattern, 'apply-to': applyTo, priority, definition: definition as Entry };
}

/** Description and tags stand beside the name, where 3.x looks for them, and in `metadata`, where 4.x does. */
function vhostEntry(name: string, vhost: RabbitBrokerSettings['vhosts'][string]): Entry {
  const { description, tags, defaultQueueType, limits, extra } = vhost;
  const { metadata: unknown, ...others } = asEntry(extra);
  const metadata: Entry = {
    ...asEntry(unknown),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    ...(defaultQueueType === undefined ? {} : { default_queue_type: defaultQueueType }),
  };
  return {
    ...others,
    name,
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    ...(limits === undefined ? {} : { limits: limits as Entry }),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
}
