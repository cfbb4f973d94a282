import { useNodeMark } from '@renderer/journey/journey-mark';
import { describeNode, joinsAt } from '@renderer/kinds/descriptors';
import { KindIcon } from '@renderer/kinds/icons';
import { NodeMetrics } from '@renderer/live/NodeMetrics';
import { TroubleLine } from '@renderer/live/TroubleLine';
import { memo } from 'react';
import { Handle, type Node, type NodeProps, Position } from 'reactflow';
import { accentColor, type NodeCardData } from './model';
import classes from './NodeCard.module.css';
import { ProblemBadge } from './ProblemBadge';
import { RetryStrip } from './RetryStrip';

/** A node as it is drawn: icon, noun and facts, name, problems, live numbers. Everything of it comes from the descriptor. */
export const NodeCard = memo(function NodeCard({ id, data, selected }: NodeProps<Node<NodeCardData, 'card'>>) {
  const { node, mark } = data;
  const descriptor = describeNode(node.type);
  const { begins, ends } = joinsAt(node.type);
  const journeyMark = useNodeMark(id);
  return (
    <div
      className={classes.card}
      data-noun={descriptor.noun}
      data-ownership={node.ownership ?? 'managed'}
      data-elsewhere={node.settings['runsIn'] === 'elsewhere' || undefined}
      data-selected={selected || undefined}
      data-journey={journeyMark}
      style={{ '--kind': accentColor(descriptor.accent) }}
    >
      <Handle
        type="target"
        position={Position.Left}
        className={classes.handle}
        isConnectable={ends}
        data-unused={!ends || undefined}
      />
      <div className={classes.main}>
        <span className={classes.icon}>
          <KindIcon name={descriptor.icon} size={18} />
        </span>
        <span className={classes.text}>
          <span className={classes.name} title={node.name}>
            {node.name || <em>unnamed</em>}
          </span>
          <span className={classes.facts}>
            <span className={classes.noun}>{descriptor.noun}</span>
            <span className={classes.summary} title={descriptor.summary(node)}>
              {descriptor.summary(node)}
            </span>
          </span>
        </span>
      </div>
      {mark && <ProblemBadge mark={mark} className={classes.badge} />}
      <div className={classes.metrics}>
        <NodeMetrics nodeId={id} />
        <TroubleLine nodeId={id} />
      </div>
      <RetryStrip nodeId={id} />
      <Handle
        type="source"
        position={Position.Right}
        className={classes.handle}
        isConnectable={begins}
        data-unused={!begins || undefined}
      />
    </div>
  );
});
