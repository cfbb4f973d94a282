import type { BrokerStatus } from '@shared/traffic/frame';
import classes from './BrokerDot.module.css';

/** One or two words for how a broker is doing. */
export function describeStatus(status: BrokerStatus | undefined): string {
  switch (status?.state) {
    case undefined:
    case 'idle':
      return 'not connected';
    case 'connecting':
      return 'connecting';
    case 'connected':
      return 'connected';
    case 'reconnecting':
      return `reconnecting, attempt ${status.attempt}`;
    case 'blocked':
      return 'blocked by the broker';
    case 'failed':
      return 'not reachable';
  }
}

/** A dot whose colour and shape tell how a broker is doing; the words are for screen readers. */
export function BrokerDot({ status }: { status: BrokerStatus | undefined }) {
  return (
    <span className={classes.dot} data-state={status?.state ?? 'idle'}>
      <span className="visually-hidden">{describeStatus(status)}</span>
    </span>
  );
}
