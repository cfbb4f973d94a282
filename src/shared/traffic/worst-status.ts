import type { BrokerStatus } from './frame';

const WORST_FIRST: readonly BrokerStatus['state'][] = [
  'failed',
  'blocked',
  'reconnecting',
  'connecting',
  'connected',
  'idle',
];

/** Of several connections to a broker, the one that is worst off tells how the broker is; `idle` when there is none. */
export function worstStatus(statuses: Iterable<BrokerStatus>): BrokerStatus {
  const rank = ({ state }: BrokerStatus) => WORST_FIRST.indexOf(state);
  let worst: BrokerStatus = { state: 'idle' };
  for (const status of statuses) if (rank(status) < rank(worst)) worst = status;
  return worst;
}
