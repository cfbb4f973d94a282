import { holdsPassword } from '@shared/flow/parse';
import type { Json } from '@shared/flow/schema';
import { plainArgument } from '../argument-values';
import type { PolicyObject, VhostObject } from '../objects';
import {
  DEFINITION_LISTS,
  type Definitions,
  definitionsSchema,
  describeFault,
  type ExchangeEntry,
  operatorPolicySchema,
  type ParameterEntry,
  type PolicyBody,
  type QueueEntry,
  type VhostEntry,
} from './definitions-schema';
import { count, joinWords, nameSome } from './notices';
import type { Coverage, Imported, ImportedParts, ListName } from './parts';
import { vhostsOf } from './parts';
import { readJson, refuseAt, untypeDoubles } from './read-json';

/** A definitions file, read. */
export interface ReadDefinitions {
  parts: ImportedParts;
  coverage: Coverage;
  /** Keys of the file itself that are no lists of objects: release, product, explanation, what somebody added. */
  extra: Record<string, Json>;
  clusterName: string | undefined;
  notices: string[];
}

/** Keys of an entry that no list of known ones has. */
function extraOf(entry: Record<string, unknown>, known: readonly string[]): { extra?: Record<string, Json> } {
  const rest = Object.entries(entry).filter(([key, value]) => !known.includes(key) && value !== undefined);
  return rest.length === 0 ? {} : { extra: untypeDoubles(Object.fromEntries(rest) as Json) as Record<string, Json> };
}

/** `{vhost}` or nothing, so that an absent vhost stays absent. */
const at = (vhost: string | undefined) => (vhost === undefined ? {} : { vhost });

/**
 * Reads RabbitMQ definitions of any release and flavour: whole cluster or one vhost, from HTTP or `rabbitmqctl`, by hand.
 * @throws Failure `import/unreadable`: one sentence with line and column
 */
export function readDefinitions(text: string, fileName?: string): ReadDefinitions {
  const { value, locate, repeated } = readJson(text, fileName);
  const refuse = (path: readonly PropertyKey[], message: string) => refuseAt(locate(path), message, fileName);
  const checked = definitionsSchema.safeParse(value, { reportInput: true });
  if (!checked.success) {
    const [issue, ...others] = checked.error.issues;
    const more = others.length === 0 ? '' : ` ${count(others.length, 'more fault')} like it.`;
    throw refuse(issue?.path ?? [], issue ? `${describeFault(issue, value)}${more}` : 'This cannot be read.');
  }
  const definitions = checked.data;
  if (!DEFINITION_LISTS.some((key) => key in definitions)) throw refuse([], notDefinitions(definitions));
  const notices = repeated.map(
    ({ key, place }) =>
      `“${key}” stands a second time at line ${place.line}, column ${place.column}; the later one was read.`,
  );
  const isSingleVhost = isOfOneVhost(definitions);
  const parts = readParts(isSingleVhost ? withoutVhosts(definitions) : definitions, notices);
  return {
    parts,
    coverage: { lists: listsOf(definitions), vhosts: definitions.vhosts ? 'all' : vhostsOf(parts) },
    extra: extraOf(definitions, DEFINITION_LISTS).extra ?? {},
    clusterName: findClusterName(parts, definitions),
    notices: [...notices, ...describeAccounts(definitions)],
  };
}

function findClusterName({ globalParameters }: ImportedParts, definitions: Definitions): string | undefined {
  const given = globalParameters.find(({ name }) => name === 'cluster_name')?.value;
  const candidates = [given, definitions.original_cluster_name];
  return candidates.find((name): name is string => typeof name === 'string' && name !== '' && !holdsPassword(name));
}

function notDefinitions(document: Definitions): string {
  if ('format' in document && 'nodes' in document) return 'This is a Tapline flow: open it instead of importing it.';
  return `These are no RabbitMQ definitions: none of ${joinWords(DEFINITION_LISTS)} is there.`;
}

/** Files of one vhost name none; RabbitMQ 3.10 writes it into their policies all the same. */
function isOfOneVhost(definitions: Definitions): boolean {
  if (definitions.rabbitmq_definition_format === 'single_virtual_host') return true;
  const { vhosts = [], queues = [], exchanges = [], bindings = [], policies = [], parameters = [] } = definitions;
  const objects = [...queues, ...exchanges, ...bindings];
  const named = new Set([...policies, ...parameters].flatMap(({ vhost }) => vhost ?? []));
  return vhosts.length === 0 && objects.length > 0 && objects.every(({ vhost }) => !vhost) && named.size <= 1;
}

function withoutVhosts(definitions: Definitions): Definitions {
  const strip = <T extends { vhost?: string }>(list: T[] | undefined) =>
    list?.map((entry) => ({ ...entry, vhost: undefined }));
  const { queues, exchanges, bindings, policies, parameters } = definitions;
  return {
    ...definitions,
    queues: strip(queues),
    exchanges: strip(exchanges),
    bindings: strip(bindings),
    policies: strip(policies),
    parameters: strip(parameters),
  };
}

function listsOf(definitions: Definitions): Set<ListName> {
  const lists = new Set<ListName>();
  for (const key of ['vhosts', 'exchanges', 'queues', 'bindings', 'policies', 'parameters'] as const)
    if (definitions[key]) lists.add(key);
  if (definitions.parameters) lists.add('operatorPolicies');
  if (definitions.global_parameters) lists.add('globalParameters');
  return lists;
}

function readParts(definitions: Definitions, notices: string[]): ImportedParts {
  const exclusive = (definitions.queues ?? []).filter((queue) => queue.exclusive === true);
  if (exclusive.length > 0)
    notices.push(
      `${count(exclusive.length, 'exclusive queue')} left out, since such a queue goes with its connection: ${nameSome(exclusive.map(({ name }) => name))}.`,
    );
  const queues = (definitions.queues ?? []).filter((queue) => queue.exclusive !== true);
  const exchanges = (definitions.exchanges ?? []).map((entry) => readExchange(entry, notices));
  const isOperatorPolicy = ({ component, value }: ParameterEntry) =>
    component === 'operator_policy' && operatorPolicySchema.safeParse(value).success;
  const parameters = definitions.parameters ?? [];
  return {
    vhosts: (definitions.vhosts ?? []).map(readVhost),
    exchanges,
    queues: queues.map((entry) => readQueue(entry, notices)),
    bindings: readBindings(definitions),
    policies: (definitions.policies ?? []).map((entry) => readPolicy(entry, entry.vhost, entry.name)),
    operatorPolicies: parameters.filter(isOperatorPolicy).map(readOperatorPolicy),
    parameters: parameters
      .filter((entry) => !isOperatorPolicy(entry))
      .map(({ vhost, component, name, value, ...rest }) => ({
        ...at(vhost),
        component,
        name,
        value: untypeDoubles(value),
        ...extraOf(rest, []),
      })),
    globalParameters: (definitions.global_parameters ?? []).map(({ name, value, ...rest }) => ({
      name,
      value: untypeDoubles(value),
      ...extraOf(rest, []),
    })),
  };
}

const VHOST_TEXT = ['description', 'tags', 'default_queue_type'];

function readVhost({ name, limits, metadata = {}, ...entry }: VhostEntry): VhostObject {
  const tags = metadata.tags ?? entry.tags;
  const description = metadata.description ?? entry.description;
  const type = metadata.default_queue_type ?? entry.default_queue_type;
  const { extra: unknownMetadata } = extraOf(metadata, VHOST_TEXT);
  const { extra } = extraOf({ ...entry, ...(unknownMetadata ? { metadata: unknownMetadata } : {}) }, VHOST_TEXT);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags: typeof tags === 'string' ? tags.split(',').filter(Boolean) : tags }),
    ...(type === undefined || type === 'undefined' ? {} : { defaultQueueType: type }),
    ...(Object.keys(limits).length === 0 ? {} : { limits: untypeDoubles(limits) as Record<string, Json> }),
    ...(extra ? { extra } : {}),
  };
}

function readExchange(entry: ExchangeEntry, notices: string[]): ImportedParts['exchanges'][number] {
  const { name, vhost, type, durable = true, auto_delete: autoDelete = false, internal = false, ...rest } = entry;
  if (type === undefined && name !== '') notices.push(`Exchange “${name}” names no type; it was taken for direct.`);
  const { arguments: table, ...unknown } = rest;
  return {
    ...at(vhost),
    name,
    type: type ?? 'direct',
    durable,
    autoDelete,
    internal,
    arguments: table,
    ...extraOf(unknown, []),
  };
}

/**
 * The type of a queue is an argument of it. Exports of `rabbitmqctl` and of 4.3 say it beside the arguments as well; a classic
 * one is left unsaid, since RabbitMQ itself wrote the argument where another default could make it something else.
 */
function readQueue(entry: QueueEntry, notices: string[]): ImportedParts['queues'][number] {
  const { name, vhost, type, durable = true, auto_delete: autoDelete = false, exclusive: _never, ...rest } = entry;
  const { arguments: table, ...unknown } = rest;
  const named = plainArgument(table['x-queue-type']);
  if (type !== undefined && named !== undefined && named !== type)
    notices.push(`Queue “${name}” says ${type} and, in its arguments, ${String(named)}; the arguments count.`);
  const isUnsaid = type === undefined || type === 'classic' || named !== undefined;
  return {
    ...at(vhost),
    name,
    durable,
    autoDelete,
    exclusive: false,
    arguments: isUnsaid ? table : { ...table, 'x-queue-type': type },
    ...extraOf(unknown, []),
  };
}

function readPolicy(body: PolicyBody, vhost: string | undefined, name: string) {
  const { pattern = '', 'apply-to': applyTo = 'all', priority = 0, definition, ...rest } = body;
  return {
    ...at(vhost),
    name,
    pattern,
    applyTo,
    priority,
    definition: untypeDoubles(definition) as Record<string, Json>,
    ...extraOf(rest, ['vhost', 'name']),
  } satisfies Imported<PolicyObject>;
}

function readOperatorPolicy({ vhost, name, value, component: _same, ...rest }: ParameterEntry) {
  const policy = readPolicy(operatorPolicySchema.parse(value), vhost, name);
  const { extra } = extraOf(rest, []);
  return extra ? { ...policy, extra: { ...policy.extra, ...extra } } : policy;
}

/** Bindings; where only they name no vhost, it is that of the objects they join. */
function readBindings({ bindings = [], exchanges = [], queues = [], vhosts = [] }: Definitions) {
  const declared = { exchange: namesByVhost(exchanges), queue: namesByVhost(queues) };
  const all = new Set([
    ...vhosts.map(({ name }) => name),
    ...[...exchanges, ...queues].flatMap(({ vhost }) => vhost ?? []),
  ]);
  return bindings.map((entry): ImportedParts['bindings'][number] => {
    const { source, destination, destination_type: type, routing_key: routingKey = '', ...rest } = entry;
    const { vhost, arguments: table, ...unknown } = rest;
    const onlyExchange = declared.exchange.has(destination) && !declared.queue.has(destination);
    const destinationType = type ?? (onlyExchange ? 'exchange' : 'queue');
    const sources = declared.exchange.get(source);
    const targets = declared[destinationType].get(destination);
    const candidates = [...(targets ?? sources ?? all)].filter((name) => sources?.has(name) ?? true);
    const [only] = candidates;
    const found = vhost ?? (candidates.length === 1 && only !== '' ? only : undefined);
    return {
      ...at(found),
      source,
      destination,
      destinationType,
      routingKey,
      arguments: table,
      ...extraOf(unknown, []),
    };
  });
}

function namesByVhost(objects: readonly { name: string; vhost?: string }[]): Map<string, Set<string>> {
  const vhosts = new Map<string, Set<string>>();
  for (const { name, vhost = '' } of objects) vhosts.set(name, (vhosts.get(name) ?? new Set()).add(vhost));
  return vhosts;
}

function describeAccounts({ users, permissions, topic_permissions: topics }: Definitions): string[] {
  const counted = [
    count(users?.length ?? 0, 'user'),
    count(permissions?.length ?? 0, 'permission'),
    count(topics?.length ?? 0, 'topic permission'),
  ].filter((text) => !text.startsWith('0 '));
  if (counted.length === 0) return [];
  return [`${joinWords(counted)} left out, with their password hashes and tags: a flow holds no accounts.`];
}
