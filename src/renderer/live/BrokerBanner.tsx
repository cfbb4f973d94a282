import { Button } from '@mantine/core';
import { openEnvironmentDialog } from '@renderer/environments/environment-actions';
import { useFlow } from '@renderer/flow/use-flow';
import type { BrokerStatus } from '@shared/traffic/frame';
import { IconAlertTriangle, IconHandStop, IconPlugConnectedX } from '@tabler/icons-react';
import classes from './BrokerBanner.module.css';
import { useLive } from './live-store';
import { useNow } from './use-now';

type Trouble = Extract<BrokerStatus, { state: 'reconnecting' | 'blocked' | 'failed' }>;

function isTrouble(status: BrokerStatus): status is Trouble {
  return status.state === 'reconnecting' || status.state === 'blocked' || status.state === 'failed';
}

/** Says which broker is away and when the next attempt is; nothing while all is well. */
export function BrokerBanner() {
  const brokers = useLive((state) => state.brokers);
  const names = useFlow(({ flow }) => flow.brokers);
  const troubled = Object.entries(brokers).filter((entry): entry is [string, Trouble] => isTrouble(entry[1]));
  if (troubled.length === 0) return null;
  return (
    <div className={classes.banners}>
      {troubled.map(([id, status]) => (
        <Banner key={id} broker={id} name={names[id]?.name ?? id} status={status} />
      ))}
    </div>
  );
}

function Banner({ broker, name, status }: { broker: string; name: string; status: Trouble }) {
  const { severity, title, detail, Icon } = wording(name, status);
  return (
    <div className={classes.banner} data-severity={severity} role="alert">
      <Icon size={16} aria-hidden />
      <span className={classes.title}>{title}</span>
      <span className={classes.detail} title={detail}>
        {detail}
      </span>
      {status.state === 'reconnecting' && <NextAttempt status={status} />}
      {status.state !== 'blocked' && (
        <Button size="compact-xs" variant="default" onClick={() => openEnvironmentDialog(broker)}>
          Connection…
        </Button>
      )}
    </div>
  );
}

/** Not part of the alert: a screen reader would read out every second. */
function NextAttempt({ status }: { status: Extract<Trouble, { state: 'reconnecting' }> }) {
  const now = useNow(250);
  const seconds = Math.max(0, Math.ceil((status.nextAttemptAt - now) / 1000));
  return (
    <span className={classes.next} aria-live="off">
      attempt {status.attempt}, {seconds > 0 ? `next in ${seconds} s` : 'trying now'}
    </span>
  );
}

function wording(name: string, status: Trouble) {
  switch (status.state) {
    case 'reconnecting':
      return {
        severity: 'warning',
        title: `${name} is away, reconnecting`,
        detail: status.lastError,
        Icon: IconPlugConnectedX,
      };
    case 'blocked':
      return {
        severity: 'warning',
        title: `${name} takes no messages at the moment`,
        detail: `The broker blocks publishers: ${status.reason}. They wait; nothing is lost.`,
        Icon: IconHandStop,
      };
    case 'failed':
      return {
        severity: 'error',
        title: `${name} cannot be reached`,
        detail: status.lastError,
        Icon: IconAlertTriangle,
      };
  }
}
