import { notifications } from '@mantine/notifications';
import { toastRecording } from '@renderer/tape/recording-actions';
import { isTapeOpen, useTape } from '@renderer/tape/tape-store';
import { useEffect } from 'react';
import { liveStore, type Notice, startLive } from './live-store';
import { RunDialog } from './RunDialog';

const COLORS = { info: 'blue', warning: 'yellow', error: 'red' } as const;

/** Notices that came since the last look; the list in a frame is a window of the newest 20. */
export function newNotices(before: readonly Notice[], after: readonly Notice[]): Notice[] {
  const known = new Set(before.map(({ at, message }) => `${at}\u0000${message}`));
  return after.filter(({ at, message }) => !known.has(`${at}\u0000${message}`));
}

function toastNotices(): () => void {
  return liveStore.subscribe((state, before) => {
    if (state.notices === before.notices) return;
    for (const { severity, message } of newNotices(before.notices, state.notices)) {
      notifications.show({
        color: COLORS[severity],
        message,
        withBorder: true,
        autoClose: severity === 'info' ? 5000 : 12_000,
      });
    }
  });
}

/** Mounted once: pulls frames while the window is there, shows what the engine remarks, asks what Run has to ask. */
export function LiveSession() {
  // A tape gives the frames itself.
  const isTape = useTape(isTapeOpen);
  useEffect(() => {
    if (isTape) return;
    const stops = [toastNotices(), toastRecording(), startLive()];
    return () => {
      for (const stop of stops) stop();
    };
  }, [isTape]);
  return <RunDialog />;
}
