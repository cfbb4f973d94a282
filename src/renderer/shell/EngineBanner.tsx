import { useEngineStatus } from '@renderer/engine/use-engine-status';
import { IconPlugConnectedX } from '@tabler/icons-react';
import classes from './EngineBanner.module.css';

/** Says that the engine is away, and that edits wait for it; nothing while all is well. */
export function EngineBanner() {
  const status = useEngineStatus();
  if (status.state !== 'away') return null;
  return (
    <div className={classes.banner} role="alert">
      <IconPlugConnectedX size={16} aria-hidden />
      <strong>Tapline’s engine is not reachable.</strong>
      <span>Your edits are kept and sent when it is back. Reconnecting, attempt {status.attempt}…</span>
    </div>
  );
}
