import { Button, Kbd, Menu } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { ExampleItems } from '@renderer/files/ExampleItems';
import { importFile } from '@renderer/files/import-actions';
import { IconChevronDown, IconTopologyStar3 } from '@tabler/icons-react';
import classes from './EmptyCanvas.module.css';

/** What to do next on an empty canvas. */
export function EmptyCanvas() {
  return (
    <div className={classes.empty}>
      <IconTopologyStar3 size={40} stroke={1.2} aria-hidden />
      <h2>Draw your message topology</h2>
      <p>
        Drag a part here from the palette, or press <Kbd size="xs">Enter</Kbd> on one. Pull from a node’s right edge to
        connect it.
      </p>
      <div className={classes.actions}>
        <Menu width={320}>
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={13} />}>
              Open an example
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <ExampleItems />
          </Menu.Dropdown>
        </Menu>
        <Button variant="default" onClick={() => attempt('Import', importFile)}>
          Import definitions…
        </Button>
      </div>
    </div>
  );
}
