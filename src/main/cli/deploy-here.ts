import type { DeploySummary, Outcome } from '@shared/deploy/plan';
import { deployFlow } from '../engine/deployer';
import type { DeployContext } from '../engine/planner';
import type { CommandTools } from './command';
import { plain } from './text';

/** Deploys a flow into its sandbox without asking; stderr tells of each step that was not carried out. @throws Failure */
export async function deployHere(context: DeployContext, { terminal, redactor }: CommandTools): Promise<DeploySummary> {
  const tell = ({ error }: Outcome) => {
    if (error) terminal.err(`${plain(redactor.redact(error.message))}\n`);
  };
  return deployFlow(context, { onOutcome: tell });
}
