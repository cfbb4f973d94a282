import { focusRegion } from '@renderer/shell/shell-store';
import { learnFacts } from './broker-facts';
import { runCheck } from './live-check';

/** What Check does: asks the brokers what they are, checks against that, and shows the problems. */
export async function checkNow(): Promise<void> {
  focusRegion('problems');
  await learnFacts(true);
  runCheck();
}
