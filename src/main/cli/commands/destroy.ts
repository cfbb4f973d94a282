import { planFlow } from '../../engine/planner';
import { carryOut } from '../carry-out';
import type { AddCommand } from '../command';
import { readFlowFile } from '../flow-file';
import { addConnectOptions, type ConnectOptions, openSession } from '../session';

interface DestroyCommandOptions extends ConnectOptions {
  yes?: boolean;
  allowDataLoss?: boolean;
  ledger?: string;
  json?: boolean;
}

/** `tapline destroy FLOW`: exit 0 when nothing that Tapline made is left, else 1. */
export const addDestroy: AddCommand = (program, tools, ends) => {
  addConnectOptions(
    program
      .command('destroy')
      .description('remove what Tapline made for this flow, by its ledger, and nothing else')
      .argument('<FLOW>', 'flow file')
      .option('--yes', 'do not ask; never covers the loss of messages')
      .option('--allow-data-loss', 'also delete queues that hold messages')
      .option('--ledger <FILE>', 'the ledger of what Tapline made; default: in the data folder')
      .option('--json', 'machine output: a line a step {action, objectType, name, outcome, error?}, then {summary}'),
  ).action(async (path: string, options: DestroyCommandOptions) => {
    const session = await openSession(await readFlowFile(path), options, tools);
    const context = await session.deployContext(options.ledger);
    const planned = await planFlow(context, { destroy: true, signal: tools.terminal.interrupted });
    const { failed, skipped, remaining, notVerified } = await carryOut(context, planned, options, tools);
    ends(failed + skipped + remaining === 0 && notVerified === undefined ? 0 : 1);
  });
};
