import type { DeploySummary, Outcome, Plan, Step } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import { applyPlan } from '../engine/deployer';
import type { DeployContext, PlannedDeploy } from '../engine/planner';
import { type CommandTools, outJson } from './command';
import { describeAtStake, printBroker, printPlan, stepCells } from './print-plan';
import { type Colour, count, plain, table } from './text';

export interface CarryOutOptions {
  yes?: boolean;
  allowDataLoss?: boolean;
  json?: boolean;
}

/**
 * Shows a plan, asks where nobody said yes, carries it out and tells what became of every step, then the summary.
 * @throws Failure when it was not confirmed; then nothing was changed
 */
export async function carryOut(
  context: DeployContext,
  planned: PlannedDeploy,
  options: CarryOutOptions,
  tools: CommandTools,
): Promise<DeploySummary> {
  const { plan } = planned;
  const { terminal } = tools;
  const mustAsk = plan.steps.length > 0 && !options.yes;
  if (!options.json && mustAsk) await printPlan(plan, tools);
  else if (!options.json) for (const broker of plan.brokers) await printBroker(broker, tools);
  if (mustAsk) await askFirst(plan, options, tools);
  const rows = table(plan.steps.map(stepCells), tools.paint, '').split('\n');
  const steps = new Map(plan.steps.map((step, index) => [step.id, { step, row: rows[index] ?? '' }]));
  const outcomes = createOrderedOutput();
  const summary = await applyPlan(context, planned, {
    allowDataLoss: options.allowDataLoss,
    signal: terminal.interrupted,
    onOutcome: (outcome) => {
      const told = steps.get(outcome.stepId);
      if (told) outcomes.add(() => tellOutcome(told, outcome, options, tools));
    },
  });
  await outcomes.written();
  if (options.json) await outJson(tools, { summary });
  else await printSummary(summary, tools);
  return summary;
}

/** Outcomes come faster than stdout may take them; they are written one after the other. */
function createOrderedOutput() {
  let last = Promise.resolve();
  return {
    add(write: () => Promise<void>) {
      last = last.then(write);
    },
    written: () => last,
  };
}

async function askFirst(plan: Plan, { allowDataLoss }: CarryOutOptions, { terminal }: CommandTools): Promise<void> {
  if (!terminal.canAsk) {
    throw new Failure(
      'cli/not-confirmed',
      `${count(plan.steps.length, 'change')} would be made to ${placesOf(plan)}; nothing was changed.`,
      {
        hint: 'Give --yes to make them without being asked.',
      },
    );
  }
  const lost = allowDataLoss ? plan.steps.filter(({ canLoseMessages }) => canLoseMessages) : [];
  for (const { name, atStake } of lost)
    terminal.err(`${plain(name)} will lose what it holds: ${atStake ? describeAtStake(atStake) : 'unknown'}.\n`);
  const answer = await terminal.ask(`Make ${count(plan.steps.length, 'change')} to ${placesOf(plan)}? [y/N] `);
  if (!/^(y|yes)$/i.test(answer.trim())) throw new Failure('cli/not-confirmed', 'Nothing was changed.');
}

function placesOf({ brokers, steps }: Plan): string {
  return brokers
    .filter(({ broker }) => steps.some((step) => step.broker === broker))
    .map(({ broker, clusterName }) => (clusterName ? `${broker} (${clusterName})` : broker))
    .join(' and ');
}

const COLOURS: Record<Outcome['outcome'], Colour> = {
  done: 'green',
  unchanged: 'dim',
  failed: 'red',
  skipped: 'yellow',
};

async function tellOutcome(
  { step, row }: { step: Step; row: string },
  { outcome, error }: Outcome,
  { json }: CarryOutOptions,
  tools: CommandTools,
): Promise<void> {
  if (json) {
    const { object: _payload, ...told } = step;
    return outJson(tools, { ...told, outcome, ...(error ? { error } : {}) });
  }
  const { terminal, paint } = tools;
  await terminal.out(`  ${paint(COLOURS[outcome], outcome.padEnd(9))} ${row}\n`);
  for (const line of error ? [error.message, error.hint] : [])
    if (line !== undefined) await terminal.out(`      ${paint(COLOURS[outcome], plain(line))}\n`);
}

async function printSummary(summary: DeploySummary, { terminal, paint }: CommandTools): Promise<void> {
  const { done, unchanged, failed, skipped, remaining, status, notVerified } = summary;
  const counts = [
    `${done} done`,
    `${unchanged} unchanged`,
    ...(failed > 0 ? [paint('red', `${failed} failed`)] : []),
    ...(skipped > 0 ? [paint('yellow', `${skipped} skipped`)] : []),
  ];
  await terminal.out(`${counts.join(', ')} in ${Math.round(summary.applyMs)} ms.\n`);
  const verdict =
    notVerified !== undefined
      ? paint('red', `It could not be verified: ${plain(notVerified)}`)
      : status === 'in-sync'
        ? paint('green', 'Verified: in sync.')
        : remaining > 0
          ? paint('yellow', `Verified: ${count(remaining, 'change')} still to make.`)
          : paint('yellow', 'Verified as far as can be seen without the management API.');
  await terminal.out(`${verdict}\n`);
}
