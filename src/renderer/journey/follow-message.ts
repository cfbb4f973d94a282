import { notifications } from '@mantine/notifications';
import { showBottomTab } from '@renderer/shell/shell-store';
import { journeyIdOf } from '@shared/journey/join-events';
import type { TrafficEvent } from '@shared/traffic/event';
import { openJourney } from './journey-store';

/** Shows the journey of a message, with its path on the canvas; says so when the engine no longer remembers it. */
export async function followMessage(event: TrafficEvent): Promise<void> {
  if (await openJourney(journeyIdOf(event))) return showBottomTab('journeys');
  notifications.show({
    id: 'journey-forgotten',
    title: 'This message is no longer remembered',
    message: 'The engine keeps the newest 10,000 observations; those of this message have fallen out.',
    withBorder: true,
  });
}
