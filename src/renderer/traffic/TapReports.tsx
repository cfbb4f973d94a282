import { Button, Popover, Text } from '@mantine/core';
import { showSubject } from '@renderer/canvas/show-subject';
import { useFlow } from '@renderer/flow/use-flow';
import { useLive } from '@renderer/live/live-store';
import { IconCircleCheck, IconCircleOff } from '@tabler/icons-react';
import classes from './TapReports.module.css';

/** While tapping: which exchanges are tapped, and why the others are not. */
export function TapReports() {
  const taps = useLive((state) => state.taps);
  const isTapping = useLive((state) => state.watch === 'tap');
  const nodes = useFlow(({ flow }) => flow.nodes);
  if (!isTapping || taps.length === 0) return null;
  const tapped = taps.filter((tap) => tap.tapped).length;
  return (
    <Popover position="bottom-end" width={380}>
      <Popover.Target>
        <Button variant="subtle" color={tapped < taps.length ? 'yellow' : 'gray'} size="compact-xs">
          {tapped} of {taps.length} exchanges tapped
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ul className={classes.list}>
          {taps.map(({ node, tapped: isTapped, reason }) => (
            <li key={node} className={classes.tap}>
              {isTapped ? (
                <IconCircleCheck size={16} color="var(--tl-ok)" aria-label="tapped" />
              ) : (
                <IconCircleOff size={16} color="var(--tl-warning)" aria-label="not tapped" />
              )}
              <span>
                <button type="button" className={classes.name} onClick={() => showSubject({ type: 'node', id: node })}>
                  {nodes[node]?.name ?? node}
                </button>
                {reason && (
                  <Text fz="xs" c="dimmed">
                    {reason}
                  </Text>
                )}
              </span>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
