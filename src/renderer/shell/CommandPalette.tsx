import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { canvasView } from '@renderer/canvas/canvas-view';
import { select } from '@renderer/flow/flow-store';
import { nameNode } from '@renderer/flow/names';
import { selectNodes } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { describeNode } from '@renderer/kinds/descriptors';
import { KindIcon } from '@renderer/kinds/icons';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import type { Command } from './commands/command';
import { commands } from './commands/commands';
import { hotkeyLabel } from './hotkey-label';
import { runCommand } from './run-command';

const GROUPS: readonly Command['group'][] = ['Broker', 'Edit', 'File', 'View'];

type Perform = (action: () => void) => void;

function commandActions(perform: Perform): SpotlightActionGroupData[] {
  return GROUPS.map((group) => ({
    group,
    actions: commands
      .filter((command) => command.group === group)
      .map((command) => {
        const { id, label, icon: Drawn, hotkey } = command;
        return {
          id,
          label,
          leftSection: <Drawn size={16} stroke={1.6} />,
          rightSection: hotkey && <kbd>{hotkeyLabel(hotkey)}</kbd>,
          onClick: () => perform(() => runCommand(command)),
        };
      }),
  }));
}

/** Every command and every node, by typing a few letters. */
export function CommandPalette() {
  const nodes = useFlow(({ flow }) => flow.nodes);
  const focusedBefore = useRef<Element | null>(null);
  const chosen = useRef<() => void>(undefined);
  const perform: Perform = (action) => {
    chosen.current = action;
  };
  // What was chosen begins where the focus was before, and may move it on.
  const onClosed = () => {
    if (focusedBefore.current instanceof HTMLElement) focusedBefore.current.focus({ preventScroll: true });
    chosen.current?.();
    chosen.current = undefined;
  };
  const goTo: SpotlightActionGroupData = {
    group: 'Nodes',
    actions: Object.entries(nodes).map(([id, node]) => ({
      id: `node:${id}`,
      label: nameNode(node),
      leftSection: <KindIcon name={describeNode(node.type).icon} />,
      onClick: () =>
        perform(() => {
          select(selectNodes(id));
          canvasView()?.reveal([id]);
          canvasView()?.focus(id);
        }),
    })),
  };
  return (
    <Spotlight
      actions={[...commandActions(perform), goTo]}
      onSpotlightOpen={() => {
        focusedBefore.current = document.activeElement;
      }}
      returnFocus={false}
      onExitTransitionEnd={onClosed}
      shortcut={['mod + K', 'mod + shift + P']}
      tagsToIgnore={[]}
      highlightQuery
      limit={60}
      scrollable
      maxHeight={420}
      nothingFound="Nothing has that name."
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: 'Type a command or the name of a node',
        'aria-label': 'Commands',
      }}
      radius="md"
    />
  );
}
