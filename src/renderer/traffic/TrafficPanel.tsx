import { useFlow } from '@renderer/flow/use-flow';
import { EVENT_CAPACITY, eventLogStore, readEvents } from '@renderer/live/live-store';
import { useShell } from '@renderer/shell/shell-store';
import { useMemo } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { useStore } from 'zustand';
import { EventTable } from './EventTable';
import { MessageView } from './MessageView';
import { filterEvents } from './search-events';
import { TrafficEmpty } from './TrafficEmpty';
import { TrafficHeader } from './TrafficHeader';
import classes from './TrafficPanel.module.css';
import { useTraffic } from './traffic-store';

/** Messages seen, newest first, with the message view. Does nothing while it is behind another panel. */
export function TrafficPanel() {
  const isShown = useShell(({ bottomTab, isBottomOpen }) => isBottomOpen && bottomTab === 'traffic');
  return isShown ? <ShownPanel /> : null;
}

function ShownPanel() {
  const log = useStore(eventLogStore);
  const { text, phases, onlySelected, paused, selected } = useTraffic((state) => state);
  const selectedNodes = useFlow(({ selection }) => selection.nodes);
  const events = useMemo(() => (log.version >= 0 && paused ? paused.events : readEvents()), [log.version, paused]);
  const shown = useMemo(
    () => filterEvents(events, { text, phases, nodes: onlySelected ? selectedNodes : null }),
    [events, text, phases, onlySelected, selectedNodes],
  );
  const { counted, notSampled } = paused ?? log;
  const newCount = paused ? log.counted - paused.counted : 0;
  return (
    <div className={classes.panel}>
      <TrafficHeader
        counts={{ shown: shown.length, held: Math.min(events.length, EVENT_CAPACITY), counted }}
        notSampled={notSampled}
        newWhilePaused={newCount}
      />
      {events.length === 0 ? (
        <TrafficEmpty />
      ) : (
        <Group className={classes.body}>
          <Panel id="events" minSize={280}>
            <EventTable events={shown} />
          </Panel>
          {selected && (
            <>
              <Separator className={classes.separator} />
              <Panel id="message" defaultSize={420} minSize={260} groupResizeBehavior="preserve-pixel-size">
                <MessageView key={selected.seq} event={selected} />
              </Panel>
            </>
          )}
        </Group>
      )}
    </div>
  );
}
