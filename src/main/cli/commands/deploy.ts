import { Failure } from '@shared/failure';
import { checkUnchanged, planFlow } from '../../engine/planner';
import { carryOut } from '../carry-out';
import type { AddCommand } from '../command';
import { readFlowFile } from '../flow-file';
import { readPlanFile } from '../plan-file';
import { addConnectOptions, type ConnectOptions, openSession } from '../session';

interface DeployCommandOptions extends ConnectOptions {
  plan?: string;
  yes?: boolean;
  prune?: boolean;
  allowDataLoss?: boolean;
  ledger?: string;
  json?: boolean;
}

/** `tapline deploy FLOW`: exit 0 when all is in sync after verifying, else 1. */
export const addDeploy: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('deploy')
      .description('make the brokers what the flow says, then verify it')
      .argument('<FLOW>', 'flow file')
      .option('--plan <PLAN>', 'only if this plan, made with plan -o, still holds')
      .option('--yes', 'do not ask; never covers the loss of messages')
      .option('--prune', 'also delete what Tapline made for this flow and is no longer drawn')
      .option('--allow-data-loss', 'also take steps that can lose messages')
      .option('--ledger <FILE>', 'the ledger of what Tapline made; default: in the data folder')
      .option('--json', 'machine output: a line a step {action, objectType, name, outcome, error?}, then {summary}'),
  ).action(async (path: string, options: DeployCommandOptions) => {
    const flow = await readFlowFile(path);
    const earlier = options.plan === undefined ? undefined : await readPlanFile(options.plan);
    if (earlier?.pruned && !options.prune)
      throw new Failure('cli/usage', `${options.plan} was made with --prune; give --prune here too.`);
    const session = await openSession(flow, options, tools);
    const context = await session.deployContext(options.ledger);
    const signal = tools.terminal.interrupted;
    const planned = await planFlow(context, { prune: options.prune, signal });
    if (earlier) checkUnchanged(earlier.plan, planned.plan);
    const { status, failed, skipped } = await carryOut(context, planned, options, tools);
    ends(status === 'in-sync' && failed === 0 && skipped === 0 ? 0 : 1);
  });
};
