import { ActionIcon, Select, Tooltip } from '@mantine/core';
import { canvasView } from '@renderer/canvas/canvas-view';
import { moveLinkEnd } from '@renderer/flow/edits';
import { select } from '@renderer/flow/flow-store';
import { nameEnd, nameNode } from '@renderer/flow/names';
import { selectNodes } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { type LinkSide, refuseReconnect } from '@shared/flow/reconnect';
import { endNode } from '@shared/flow/schema';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './LinkForm.module.css';

interface LinkEndFieldProps {
  link: string;
  side: LinkSide;
}

/** Where a link begins or ends: a way there, and a choice of other nodes that links of its type may join. */
export function LinkEndField({ link: id, side }: LinkEndFieldProps) {
  const { flow, isReadOnly } = useFlow(({ flow, isReadOnly }) => ({ flow, isReadOnly }));
  const [isChanging, setChanging] = useState(false);
  const link = flow.links[id];
  if (link === undefined) return null;
  const label = side === 'from' ? 'Where it begins' : 'Where it ends';
  const node = endNode(link[side]);
  if (isChanging) {
    const choices = Object.entries(flow.nodes)
      .filter(([other]) => other === node || refuseReconnect(flow, id, side, other) === undefined)
      .map(([value, each]) => ({ value, label: nameNode(each) }));
    return (
      <dd>
        <Select
          size="xs"
          aria-label={label}
          data={choices}
          value={node ?? null}
          searchable
          allowDeselect={false}
          autoFocus
          onFocus={(event) => event.currentTarget.select()}
          defaultDropdownOpened
          onChange={(chosen) => {
            if (chosen !== null) moveLinkEnd(id, side, chosen);
            setChanging(false);
          }}
          onBlur={() => setChanging(false)}
        />
      </dd>
    );
  }
  const name = nameEnd(flow, link[side]);
  return (
    <dd>
      {node === undefined ? (
        <span className={classes.ghost}>{name}</span>
      ) : (
        <button
          type="button"
          className={classes.end}
          onClick={() => {
            select(selectNodes(node));
            canvasView()?.revealIfHidden(node);
          }}
        >
          {name}
        </button>
      )}
      {!isReadOnly && (
        <Tooltip label={`Change ${label.toLowerCase()}`}>
          <ActionIcon
            size={18}
            variant="subtle"
            color="gray"
            aria-label={`Change ${label.toLowerCase()}`}
            onClick={() => setChanging(true)}
          >
            <IconPencil size={13} />
          </ActionIcon>
        </Tooltip>
      )}
    </dd>
  );
}
