import type { FoundTopology, PolicyObject } from '../objects';
import { PolicyIndex, type PolicySubject } from '../policies';
import { topologyKey } from '../resolve';
import { comparePolicy } from './compare';
import { compareParameter } from './compare-parameter';
import { emptyPlan, ownershipOf, warnAboutReference } from './plan-objects';
import type { PartialPlan, PlanInput } from './plan-topology';
import { makeStep } from './step';

/** Matched objects named in a note; the rest are counted. */
const MAX_NAMED = 10;

/** Policies, operator policies and parameters, all of which change in place. */
export function planBrokerSettings(input: PlanInput): PartialPlan {
  const plan = emptyPlan();
  planPolicies(input, plan, 'policy');
  planPolicies(input, plan, 'operator-policy');
  planParameters(input, plan);
  return plan;
}

function planPolicies(input: PlanInput, plan: PartialPlan, type: 'policy' | 'operator-policy'): void {
  const { broker, resolved, found } = input;
  const [wantedList, foundList] =
    type === 'policy'
      ? [resolved.topology.policies, found.policies]
      : [resolved.topology.operatorPolicies, found.operatorPolicies];
  const noun = type === 'policy' ? 'policy' : 'operator policy';
  const existing = new Map((foundList ?? []).map((policy) => [topologyKey(type, policy.vhost, policy.name), policy]));
  for (const policy of wantedList) {
    const { vhost, name } = policy;
    const key = topologyKey(type, vhost, name);
    const old = existing.get(key);
    const changes = old && comparePolicy(old, policy);
    const ownership = ownershipOf(input, key);
    if (ownership === 'ignored') continue;
    if (ownership === 'referenced') {
      if (foundList) warnAboutReference(plan, `${noun} “${name}” in vhost “${vhost}”`, changes);
      continue;
    }
    if (changes?.length === 0) {
      plan.unchanged++;
      continue;
    }
    const draft = {
      broker,
      vhost,
      name,
      subject: resolved.origins[key],
      object: { type, policy } as const,
      notes: matchNotes(input, foundList ?? [], policy),
    };
    const reason = changes
      ? `Its ${changes.map(({ field }) => field).join(', ')} differ.`
      : foundList
        ? 'It is not on the broker yet.'
        : 'Policies cannot be seen without the management API.';
    plan.steps.push(
      makeStep(changes ? { ...draft, action: 'change', changes, reason } : { ...draft, action: 'create', reason }),
    );
  }
}

/** Which objects are under the policy before and after. */
function matchNotes(input: PlanInput, existing: PolicyObject[], wanted: PolicyObject): string[] {
  const subjects = policySubjects(input, wanted.vhost);
  const isSame = (policy: PolicyObject) => policy.vhost === wanted.vhost && policy.name === wanted.name;
  const before = new PolicyIndex(existing);
  const after = new PolicyIndex([...existing.filter((policy) => !isSame(policy)), wanted]);
  const gained: string[] = [];
  const lost: string[] = [];
  let kept = 0;
  for (const subject of subjects) {
    const was = before.find(subject);
    const is = after.find(subject);
    const label = `${subject.objectType} ${subject.name}`;
    if (is && isSame(is)) {
      if (was && isSame(was)) kept++;
      else gained.push(was ? `${label} (now under ${was.name})` : label);
    } else if (was && isSame(was)) lost.push(label);
  }
  const list = (names: string[]) =>
    `${names.slice(0, MAX_NAMED).join(', ')}${names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''}`;
  return [
    ...(gained.length > 0 ? [`Applies newly to ${list(gained)}.`] : []),
    ...(lost.length > 0 ? [`No longer applies to ${list(lost)}.`] : []),
    ...(kept > 0 ? [`Applies as before to ${kept} object${kept === 1 ? '' : 's'}.`] : []),
    ...(gained.length + lost.length + kept === 0 ? ['It matches nothing that is drawn or on the broker.'] : []),
  ];
}

function policySubjects({ resolved, found }: PlanInput, vhost: string): PolicySubject[] {
  const subjects = new Map<string, PolicySubject>();
  const addAll = ({ exchanges, queues }: Pick<FoundTopology, 'exchanges' | 'queues'>) => {
    for (const { name, vhost: at } of exchanges)
      if (at === vhost && name !== '') subjects.set(`exchange ${name}`, { vhost, name, objectType: 'exchange' });
    for (const { name, vhost: at, arguments: args } of queues) {
      const queueType = typeof args['x-queue-type'] === 'string' ? args['x-queue-type'] : undefined;
      if (at === vhost) subjects.set(`queue ${name}`, { vhost, name, objectType: 'queue', queueType });
    }
  };
  addAll(found);
  addAll(resolved.topology);
  return [...subjects.values()];
}

function planParameters(input: PlanInput, plan: PartialPlan): void {
  const { broker, resolved, found } = input;
  const existing = new Map(
    (found.parameters ?? []).map((item) => [
      topologyKey('parameter', item.vhost, `${item.component}/${item.name}`),
      item.value,
    ]),
  );
  for (const { vhost, component, name, value } of resolved.topology.parameters) {
    const label = `${component}/${name}`;
    const key = topologyKey('parameter', vhost, label);
    const old = existing.get(key);
    const changes = old === undefined ? undefined : compareParameter(old, value);
    const ownership = ownershipOf(input, key);
    if (ownership === 'ignored') continue;
    if (ownership === 'referenced') {
      if (found.parameters) warnAboutReference(plan, `parameter “${label}” in vhost “${vhost}”`, changes);
      continue;
    }
    if (changes?.length === 0) {
      plan.unchanged++;
      continue;
    }
    const object = { type: 'parameter', vhost, component, name, value } as const;
    const draft = { broker, vhost, name: label, subject: resolved.origins[key], object };
    const reason = changes
      ? `Its ${changes.map(({ field }) => field).join(', ')} differ.`
      : found.parameters
        ? 'It is not on the broker yet.'
        : 'Parameters cannot be seen without the management API.';
    plan.steps.push(
      makeStep(changes ? { ...draft, action: 'change', changes, reason } : { ...draft, action: 'create', reason }),
    );
  }
  const globals = resolved.topology.globalParameters.filter(
    ({ name }) => ownershipOf(input, topologyKey('global-parameter', '', name)) === 'managed',
  ).length;
  if (globals > 0)
    plan.warnings.push(
      `${globals} global parameter${globals === 1 ? ' is' : 's are'} kept in the flow and not deployed: ${globals === 1 ? 'it belongs' : 'they belong'} to the whole cluster.`,
    );
}
