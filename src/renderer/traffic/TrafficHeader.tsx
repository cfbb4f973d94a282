import { ActionIcon, Button, Chip, Group, Indicator, Popover, Switch, TextInput, Tooltip } from '@mantine/core';
import { useFlow } from '@renderer/flow/use-flow';
import { formatExact } from '@renderer/live/format';
import { clearEvents } from '@renderer/live/live-store';
import { isTapeOpen, useTape } from '@renderer/tape/tape-store';
import { IconClearAll, IconFilter, IconPlayerPause, IconPlayerPlay, IconSearch, IconSend } from '@tabler/icons-react';
import { PHASES } from './PhaseBadge';
import { openPublishDialog, usePublishers } from './publish-actions';
import { describeCounts, type TrafficCounts } from './search-events';
import { TapReports } from './TapReports';
import classes from './TrafficPanel.module.css';
import { pauseTraffic, resumeTraffic, showMessage, togglePhase, trafficStore, useTraffic } from './traffic-store';

interface TrafficHeaderProps {
  counts: TrafficCounts;
  notSampled: number;
  newWhilePaused: number;
}

/** Filters, pause and honest counts above the messages. */
export function TrafficHeader({ counts, notSampled, newWhilePaused }: TrafficHeaderProps) {
  const { text, onlySelected, paused } = useTraffic((state) => state);
  const selectedCount = useFlow(({ selection }) => selection.nodes.size);
  const isTape = useTape(isTapeOpen);
  const publishers = usePublishers();
  return (
    <div className={classes.header}>
      <TextInput
        className={classes.filter}
        value={text}
        onChange={(event) => trafficStore.setState({ text: event.currentTarget.value })}
        leftSection={<IconSearch size={14} />}
        placeholder="Search body, key, headers"
        aria-label="Search messages"
      />
      <PhaseFilter />
      <Switch
        label={onlySelected && selectedCount > 0 ? `Selected nodes (${selectedCount})` : 'Selected nodes'}
        checked={onlySelected}
        onChange={(event) => trafficStore.setState({ onlySelected: event.currentTarget.checked })}
      />
      <span className={classes.counts} role="status">
        {describeCounts(counts, notSampled)}
      </span>
      <TapReports />
      <Button
        variant="default"
        leftSection={<IconSend size={14} />}
        disabled={publishers.length === 0 || isTape}
        onClick={() => openPublishDialog()}
        aria-label="Publish"
      >
        Publish…
      </Button>
      {paused ? (
        <Button variant="light" leftSection={<IconPlayerPlay size={14} />} onClick={resumeTraffic} aria-label="Resume">
          {newWhilePaused > 0 ? `${formatExact(newWhilePaused)} new while paused` : 'Paused'}
        </Button>
      ) : (
        <Button variant="default" leftSection={<IconPlayerPause size={14} />} onClick={pauseTraffic} aria-label="Pause">
          Pause
        </Button>
      )}
      <Tooltip label="Clear the list">
        <ActionIcon
          aria-label="Clear messages"
          onClick={() => {
            clearEvents();
            resumeTraffic();
            showMessage(null);
          }}
        >
          <IconClearAll size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

function PhaseFilter() {
  const phases = useTraffic((state) => state.phases);
  return (
    <Popover position="bottom-start" width={300}>
      <Popover.Target>
        <Indicator disabled={phases.size === 0} label={phases.size} size={14} offset={3}>
          <Button variant="default" leftSection={<IconFilter size={14} />} aria-label="Filter by phase">
            Phase
          </Button>
        </Indicator>
      </Popover.Target>
      <Popover.Dropdown>
        <Group gap={6}>
          {PHASES.map((phase) => (
            <Chip key={phase} size="xs" checked={phases.has(phase)} onChange={() => togglePhase(phase)}>
              {phase}
            </Chip>
          ))}
        </Group>
        {phases.size > 0 && (
          <Button
            mt="sm"
            variant="subtle"
            size="compact-xs"
            onClick={() => trafficStore.setState({ phases: new Set() })}
          >
            Show all phases
          </Button>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
