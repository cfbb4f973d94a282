import { canvasView } from '@renderer/canvas/canvas-view';
import { openConnectDialog } from '@renderer/canvas/connect-store';
import { duplicateSelection, removeSelection } from '@renderer/flow/edits';
import { flowStore, redo, select, undo } from '@renderer/flow/flow-store';
import { emptySelection, selectionSize } from '@renderer/flow/selection';
import * as icons from '@tabler/icons-react';
import { copySelection, pasteFromMenu } from '../clipboard-events';
import { focusRegion } from '../shell-store';
import type { Command } from './command';

const hasNodes = () => flowStore.getState().selection.nodes.size > 0;

const hasSelection = () => selectionSize(flowStore.getState().selection) > 0;

function selectAll(): void {
  const { flow } = flowStore.getState();
  select({ nodes: new Set(Object.keys(flow.nodes)), links: new Set(Object.keys(flow.links)) });
}

/** Removes what is selected and keeps the focus on the canvas. */
function deleteSelected(): void {
  removeSelection();
  canvasView()?.focusCanvas();
}

/** The drawing, and what is selected on it. */
export const EDIT_COMMANDS: readonly Command[] = [
  {
    id: 'undo',
    label: 'Undo',
    group: 'Edit',
    icon: icons.IconArrowBackUp,
    hotkey: 'mod+Z',
    run: undo,
    isEnabled: () => flowStore.getState().history.undo.length > 0,
  },
  {
    id: 'redo',
    label: 'Redo',
    group: 'Edit',
    icon: icons.IconArrowForwardUp,
    hotkey: 'mod+Y',
    run: redo,
    isEnabled: () => flowStore.getState().history.redo.length > 0,
  },
  { id: 'cut', label: 'Cut', group: 'Edit', icon: icons.IconCut, run: () => copySelection(true), isEnabled: hasNodes },
  { id: 'copy', label: 'Copy', group: 'Edit', icon: icons.IconCopy, run: () => copySelection(), isEnabled: hasNodes },
  { id: 'paste', label: 'Paste', group: 'Edit', icon: icons.IconClipboard, run: pasteFromMenu },
  {
    id: 'duplicate',
    label: 'Duplicate',
    group: 'Edit',
    icon: icons.IconCopyPlus,
    hotkey: 'mod+D',
    run: duplicateSelection,
    isEnabled: hasNodes,
  },
  {
    id: 'delete',
    label: 'Delete',
    group: 'Edit',
    icon: icons.IconTrash,
    hotkey: 'Delete',
    run: deleteSelected,
    isEnabled: hasSelection,
  },
  { id: 'select-all', label: 'Select all', group: 'Edit', icon: icons.IconSelectAll, hotkey: 'mod+A', run: selectAll },
  {
    id: 'select-none',
    label: 'Select nothing',
    group: 'Edit',
    icon: icons.IconDeselect,
    hotkey: 'Escape',
    run: () => select(emptySelection),
    isEnabled: hasSelection,
  },
  {
    id: 'rename',
    label: 'Rename',
    group: 'Edit',
    icon: icons.IconCursorText,
    hotkey: 'F2',
    run: () => focusRegion('inspector'),
    isEnabled: () => flowStore.getState().selection.nodes.size === 1,
  },
  {
    id: 'connect',
    label: 'Connect to…',
    group: 'Edit',
    icon: icons.IconLinkPlus,
    hotkey: 'mod+L',
    isGlobal: true,
    run: () => openConnectDialog(),
    isEnabled: () => flowStore.getState().selection.nodes.size === 1,
  },
];
