import { arrangeNodes } from '@renderer/canvas/arrange';
import { canvasView } from '@renderer/canvas/canvas-view';
import * as icons from '@tabler/icons-react';
import { focusRegion, shellStore, showBottomTab } from '../shell-store';
import type { Command } from './command';

function toggle(part: 'isPaletteOpen' | 'isInspectorOpen' | 'isBottomOpen'): void {
  shellStore.setState((state) => ({ [part]: !state[part] }));
}

/** The canvas, the panels, and ways to them by keyboard. */
export const VIEW_COMMANDS: readonly Command[] = [
  {
    id: 'fit',
    label: 'Fit',
    group: 'View',
    icon: icons.IconFocusCentered,
    hotkey: 'mod+0',
    run: () => canvasView()?.fit(),
  },
  {
    id: 'zoom-in',
    label: 'Zoom in',
    group: 'View',
    icon: icons.IconZoomIn,
    hotkey: 'mod+=',
    run: () => canvasView()?.zoomIn(),
  },
  {
    id: 'zoom-out',
    label: 'Zoom out',
    group: 'View',
    icon: icons.IconZoomOut,
    hotkey: 'mod+-',
    run: () => canvasView()?.zoomOut(),
  },
  { id: 'layout', label: 'Layout', group: 'View', icon: icons.IconLayoutDistributeHorizontal, run: arrangeNodes },
  {
    id: 'palette',
    label: 'Toggle palette',
    group: 'View',
    icon: icons.IconLayoutSidebar,
    hotkey: 'mod+B',
    isGlobal: true,
    run: () => toggle('isPaletteOpen'),
  },
  {
    id: 'inspector',
    label: 'Toggle inspector',
    group: 'View',
    icon: icons.IconLayoutSidebarRight,
    hotkey: 'mod+I',
    isGlobal: true,
    run: () => toggle('isInspectorOpen'),
  },
  {
    id: 'bottom',
    label: 'Toggle bottom panel',
    group: 'View',
    icon: icons.IconLayoutBottombar,
    hotkey: 'mod+J',
    isGlobal: true,
    run: () => toggle('isBottomOpen'),
  },
  {
    id: 'go-palette',
    label: 'Go to palette',
    group: 'View',
    icon: icons.IconApps,
    hotkey: 'mod+1',
    isGlobal: true,
    run: () => focusRegion('palette'),
  },
  {
    id: 'go-outline',
    label: 'Go to outline',
    group: 'View',
    icon: icons.IconListTree,
    hotkey: 'mod+2',
    isGlobal: true,
    run: () => focusRegion('outline'),
  },
  {
    id: 'go-canvas',
    label: 'Go to canvas',
    group: 'View',
    icon: icons.IconArtboard,
    hotkey: 'mod+3',
    isGlobal: true,
    run: () => canvasView()?.focusCanvas(),
  },
  {
    id: 'go-inspector',
    label: 'Go to inspector',
    group: 'View',
    icon: icons.IconForms,
    hotkey: 'mod+4',
    isGlobal: true,
    run: () => focusRegion('inspector'),
  },
  {
    id: 'go-problems',
    label: 'Go to problems',
    group: 'View',
    icon: icons.IconListCheck,
    hotkey: 'mod+5',
    isGlobal: true,
    run: () => focusRegion('problems'),
  },
  {
    id: 'go-traffic',
    label: 'Show traffic',
    group: 'View',
    icon: icons.IconActivity,
    run: () => showBottomTab('traffic'),
  },
  {
    id: 'journeys',
    label: 'Show journeys',
    group: 'View',
    icon: icons.IconRoute,
    run: () => showBottomTab('journeys'),
  },
  {
    id: 'dead-letters',
    label: 'Show dead letters',
    group: 'View',
    icon: icons.IconMailOff,
    run: () => showBottomTab('dead-letters'),
  },
];
