import { Button } from '@mantine/core';
import { formatNoun } from '@renderer/live/format';
import { eventLogStore, readEvents } from '@renderer/live/live-store';
import { EventTable } from '@renderer/traffic/EventTable';
import { MessageView } from '@renderer/traffic/MessageView';
import { useTraffic } from '@renderer/traffic/traffic-store';
import type { DeadLetterQueue } from '@shared/dead-letters/dead-letter';
import type { TrafficEvent } from '@shared/traffic/event';
import { useMemo } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useStore } from 'zustand';
import classes from './DeadLettersPanel.module.css';

/** Dead letters of these queues that went by while they were watched, newest first. */
export function useSeenLetters(queues: readonly DeadLetterQueue[]): TrafficEvent[] {
  const version = useStore(eventLogStore, (log) => log.version);
  return useMemo(() => {
    const sources = new Set(queues.flatMap((queue) => queue.sources));
    const isOurs = ({ phase, queue }: TrafficEvent) =>
      phase === 'dead-lettered' && (queue === undefined || sources.has(queue));
    return version >= 0 ? readEvents().filter(isOurs) : [];
  }, [version, queues]);
}

/** What is known of dead letters without reading them: looking at these leaves no trace in any queue. */
export function SeenLetters({ seen, total, onRead }: { seen: TrafficEvent[]; total: number; onRead?: () => void }) {
  const selected = useTraffic((state) => state.selected);
  const open = seen.find(({ seq }) => seq === selected?.seq);
  return (
    <div className={classes.panel}>
      <div className={classes.seen} role="status">
        <span>
          <strong>{formatNoun(seen.length, 'dead letter')} seen while watching</strong>; when last counted,{' '}
          {formatNoun(total, 'message')} waited. These were seen going by, so looking at them touches no queue;
          redriving needs reading.
        </span>
        {onRead && (
          <Button variant="default" onClick={onRead}>
            Read them…
          </Button>
        )}
      </div>
      <Group className={classes.body}>
        <Panel id="seen-list" minSize={260}>
          <EventTable events={seen} />
        </Panel>
        {open && (
          <>
            <Separator className={classes.separator} />
            <Panel id="seen-message" defaultSize={340} minSize={240} groupResizeBehavior="preserve-pixel-size">
              <MessageView key={open.seq} event={open} />
            </Panel>
          </>
        )}
      </Group>
    </div>
  );
}
