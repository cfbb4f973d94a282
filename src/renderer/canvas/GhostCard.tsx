import { describeNamed } from '@shared/picture/drawing';
import { IconGhost2 } from '@tabler/icons-react';
import { memo } from 'react';
import { Handle, type Node, type NodeProps, Position } from 'reactflow';
import classes from './GhostCard.module.css';
import type { GhostData } from './model';

/** An object that links name but nobody drew: a dangling binding, an `amq.*` exchange, the default exchange. */
export const GhostCard = memo(function GhostCard({ data: { end } }: NodeProps<Node<GhostData, 'ghost'>>) {
  const { name, facts } = describeNamed(end);
  return (
    <div className={classes.card} data-type={end.objectType}>
      <Handle type="target" position={Position.Left} className={classes.handle} isConnectable={false} />
      <IconGhost2 size={18} stroke={1.5} aria-hidden />
      <span className={classes.text}>
        <span className={classes.name} title={end.name}>
          {name}
        </span>
        <span className={classes.facts}>{facts}</span>
      </span>
      <Handle type="source" position={Position.Right} className={classes.handle} isConnectable={false} />
    </div>
  );
});
