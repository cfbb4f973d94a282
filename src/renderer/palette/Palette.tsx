import { useFlow } from '@renderer/flow/use-flow';
import { Panel, Group as Panels, Separator } from 'react-resizable-panels';
import { Outline } from './Outline';
import classes from './Palette.module.css';
import { PaletteItems } from './PaletteItems';

/** Left side: what can be drawn, and the outline of what is drawn. */
export function Palette() {
  const isReadOnly = useFlow((state) => state.isReadOnly);
  return (
    <aside className={classes.palette} aria-label="Palette and outline">
      <Panels orientation="vertical">
        <Panel id="items" defaultSize={266} minSize={90} groupResizeBehavior="preserve-pixel-size">
          <fieldset className={classes.fields} disabled={isReadOnly}>
            <PaletteItems />
          </fieldset>
        </Panel>
        <Separator className={classes.separator} />
        <Panel id="outline" minSize={90}>
          <Outline />
        </Panel>
      </Panels>
    </aside>
  );
}
