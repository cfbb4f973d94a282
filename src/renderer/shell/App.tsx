import { Canvas } from '@renderer/canvas/Canvas';
import { ConnectDialog } from '@renderer/canvas/ConnectDialog';
import { DeployDialog } from '@renderer/deploy/DeployDialog';
import { EnvironmentDialog } from '@renderer/environments/EnvironmentDialog';
import { DocumentNotices } from '@renderer/files/DocumentNotices';
import { DropTarget } from '@renderer/files/DropTarget';
import { Inspector } from '@renderer/inspector/Inspector';
import { BrokerBanner } from '@renderer/live/BrokerBanner';
import { Palette } from '@renderer/palette/Palette';
import { SandboxStrip } from '@renderer/sandbox/SandboxStrip';
import { OpenTapeDialog } from '@renderer/tape/OpenTapeDialog';
import { RecordDialog } from '@renderer/tape/RecordDialog';
import { ReplayDialog } from '@renderer/tape/ReplayDialog';
import { ReplayProgress } from '@renderer/tape/ReplayProgress';
import { TapeBar } from '@renderer/tape/TapeBar';
import { isTapeOpen, useTape } from '@renderer/tape/tape-store';
import { PublishDialog } from '@renderer/traffic/PublishDialog';
import { useState } from 'react';
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels';
import classes from './App.module.css';
import { AskDialog } from './AskDialog';
import { BottomPanel } from './BottomPanel';
import { CommandPalette } from './CommandPalette';
import { EngineBanner } from './EngineBanner';
import { Hotkeys } from './Hotkeys';
import { Session } from './Session';
import { useShell } from './shell-store';
import { TopBar } from './TopBar';

/** What the side panels take of a narrow or low window at first; the rest is the drawing's. In pixels. */
function firstSizes(): { palette: number; inspector: number; bottom: number } {
  const isNarrow = innerWidth < 1280;
  return { palette: isNarrow ? 168 : 212, inspector: isNarrow ? 264 : 324, bottom: innerHeight < 800 ? 168 : 236 };
}

/** The window: top bar, palette, canvas, inspector, bottom panels. */
export function App() {
  const { isBottomOpen, isPaletteOpen, isInspectorOpen } = useShell((state) => state);
  const isTape = useTape(isTapeOpen);
  const [sizes] = useState(firstSizes);
  const columnIds = [...(isPaletteOpen ? ['palette'] : []), 'middle', ...(isInspectorOpen ? ['inspector'] : [])];
  const rowIds = ['canvas', ...(isBottomOpen ? ['bottom'] : [])];
  const columns = useDefaultLayout({ id: 'columns', panelIds: columnIds, onlySaveAfterUserInteractions: true });
  const rows = useDefaultLayout({ id: 'rows', panelIds: rowIds, onlySaveAfterUserInteractions: true });
  return (
    <div className={classes.window}>
      <TopBar />
      <EngineBanner />
      <DocumentNotices />
      {isTape ? <TapeBar /> : <SandboxStrip />}
      {!isTape && <ReplayProgress />}
      <Group className={classes.body} {...columns}>
        {isPaletteOpen && (
          <>
            <Panel
              id="palette"
              defaultSize={sizes.palette}
              minSize={168}
              maxSize={360}
              groupResizeBehavior="preserve-pixel-size"
            >
              <Palette />
            </Panel>
            <Separator className={classes.separator} />
          </>
        )}
        <Panel id="middle" minSize={320}>
          <Group orientation="vertical" {...rows}>
            <Panel id="canvas" minSize={140} className={classes.canvas}>
              <BrokerBanner />
              <Canvas />
            </Panel>
            {isBottomOpen && (
              <>
                <Separator className={classes.separator} />
                <Panel id="bottom" defaultSize={sizes.bottom} minSize={96} groupResizeBehavior="preserve-pixel-size">
                  <BottomPanel />
                </Panel>
              </>
            )}
          </Group>
        </Panel>
        {isInspectorOpen && (
          <>
            <Separator className={classes.separator} />
            <Panel
              id="inspector"
              defaultSize={sizes.inspector}
              minSize={260}
              maxSize={560}
              groupResizeBehavior="preserve-pixel-size"
            >
              <Inspector />
            </Panel>
          </>
        )}
      </Group>
      <EnvironmentDialog />
      <DeployDialog />
      <PublishDialog />
      <RecordDialog />
      <OpenTapeDialog />
      <ReplayDialog />
      <ConnectDialog />
      <AskDialog />
      <CommandPalette />
      <DropTarget />
      <Hotkeys />
      <Session />
    </div>
  );
}
