import { resolve } from 'node:path';
import { writeTextFile } from '../../engine/files';
import { planFlow } from '../../engine/planner';
import { type AddCommand, outJson } from '../command';
import { readFlowFile } from '../flow-file';
import { savedPlan } from '../plan-file';
import { printPlan } from '../print-plan';
import { addConnectOptions, type ConnectOptions, openSession } from '../session';

interface PlanCommandOptions extends ConnectOptions {
  output?: string;
  prune?: boolean;
  ledger?: string;
  json?: boolean;
}

/** `tapline plan FLOW`: what a deploy would do; exit 0 in sync, 2 changes or not everything seen, 1 error. */
export const addPlan: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('plan')
      .description('show what a deploy would do; changes nothing')
      .argument('<FLOW>', 'flow file')
      .option('-o, --output <PLAN>', 'write the plan to a file for deploy --plan')
      .option('--prune', 'also delete what Tapline made for this flow and is no longer drawn')
      .option('--ledger <FILE>', 'the ledger of what Tapline made; default: in the data folder')
      .option(
        '--json',
        'machine output: {status, brokers, steps: [{action, objectType, vhost, name, reason, atStake?}]}',
      ),
  ).action(async (path: string, options: PlanCommandOptions) => {
    const session = await openSession(await readFlowFile(path), options, tools);
    const { plan } = await planFlow(await session.deployContext(options.ledger), {
      prune: options.prune,
      signal: tools.terminal.interrupted,
    });
    if (options.output !== undefined)
      await writeTextFile(resolve(options.output), savedPlan(plan, options.prune ?? false), { backup: false });
    if (options.json) await outJson(tools, plan);
    else await printPlan(plan, tools);
    ends(plan.status === 'in-sync' ? 0 : 2);
  });
};
