import { describeLeftOver, shownName } from '@shared/deploy/left-over';
import type { AtStake, BrokerPlan, Plan, PlanStatus, Step, StepAction } from '@shared/deploy/plan';
import type { CommandTools } from './command';
import { type Cell, type Colour, count, plain, table } from './text';

const ACTIONS: Record<StepAction, { sign: string; colour: Colour }> = {
  create: { sign: '+', colour: 'green' },
  change: { sign: '~', colour: 'yellow' },
  recreate: { sign: '!', colour: 'red' },
  delete: { sign: '-', colour: 'red' },
};

/** `3 messages, 1 unacknowledged, 2 consumers`; what could not be counted is said. */
export function describeAtStake({ messages, unacked, consumers }: AtStake): string {
  const part = (value: number | null, noun: string, words: string) =>
    value === null ? `unknown ${noun}s` : value === 0 && noun !== 'message' ? '' : words;
  return [
    part(messages, 'message', count(messages ?? 0, 'message')),
    part(unacked, 'unacknowledged message', `${unacked} unacknowledged`),
    part(consumers, 'consumer', count(consumers ?? 0, 'consumer')),
  ]
    .filter(Boolean)
    .join(', ');
}

/** The cells of a step: sign, action, type, name, and the vhost where there are some. */
export function stepCells({ action, objectType, name, vhost }: Step): (string | Cell)[] {
  const { sign, colour } = ACTIONS[action];
  return [
    { text: `${sign} ${action}`, colour },
    objectType,
    shownName(name),
    { text: vhost === '' ? '' : `in ${vhost}`, colour: 'dim' },
  ];
}

function brokerLine({ broker, version, clusterName }: BrokerPlan): string {
  const facts = [version, clusterName].filter(Boolean).join(', ');
  return `${broker}${facts ? ` (${facts})` : ''}`;
}

const STATUS: Record<PlanStatus, string> = {
  'in-sync': 'In sync: nothing to do.',
  changes: '',
  partial: 'Not everything could be seen, so this may not be all.',
};

/** Shows which broker is meant, and what could not be seen or is not as the flow presumes. */
export async function printBroker(broker: BrokerPlan, { terminal, paint }: CommandTools): Promise<void> {
  await terminal.out(`${paint('bold', plain(brokerLine(broker)))}\n`);
  for (const sentence of [...broker.cannotSee, ...broker.warnings])
    await terminal.out(`  ${paint('yellow', `! ${plain(sentence)}`)}\n`);
}

/** Shows a plan: what could not be seen, every step with its reason and what is at stake, and the counts. */
export async function printPlan(plan: Plan, tools: CommandTools): Promise<void> {
  const { terminal, paint } = tools;
  for (const broker of plan.brokers) {
    const steps = plan.steps.filter((step) => step.broker === broker.broker);
    await printBroker(broker, tools);
    const rows = table(steps.map(stepCells), paint).split('\n');
    for (const [index, step] of steps.entries()) {
      await terminal.out(`${rows[index]}\n`);
      for (const line of detailsOf(step)) await terminal.out(`      ${paint('dim', plain(line))}\n`);
    }
    await terminal.out(`  ${paint('dim', `${count(broker.unchanged, 'object')} as drawn.`)}\n`);
    const left = describeLeftOver(broker.leftOver);
    if (left !== null) await terminal.out(`  ${paint('yellow', `! ${plain(left)}`)}\n`);
  }
  const summary = plan.steps.length > 0 ? `${countActions(plan.steps)}.` : '';
  await terminal.out(`${[summary, STATUS[plan.status]].filter(Boolean).join(' ')}\n`);
}

function detailsOf({ reason, atStake, changes = [], notes, canLoseMessages, requires, unsupported }: Step): string[] {
  return [
    reason,
    ...changes.map(({ field, from, to }) => `${field}: ${shown(from)} → ${shown(to)}`),
    ...(atStake ? [`At stake: ${describeAtStake(atStake)}.`] : []),
    ...(canLoseMessages ? ['Can lose messages: needs --allow-data-loss.'] : []),
    ...(requires === 'management' ? ['Needs the management API.'] : []),
    ...(unsupported === undefined ? [] : [unsupported]),
    ...notes,
  ];
}

const shown = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value));

/** `2 to create, 1 to recreate` */
export function countActions(steps: readonly Step[]): string {
  return (['create', 'change', 'recreate', 'delete'] as const)
    .map((action) => ({ action, amount: steps.filter((step) => step.action === action).length }))
    .filter(({ amount }) => amount > 0)
    .map(({ action, amount }) => `${amount.toLocaleString('en')} to ${action}`)
    .join(', ');
}
