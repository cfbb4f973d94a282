import { useLinkMark } from '@renderer/journey/journey-mark';
import { describeLink } from '@renderer/kinds/descriptors';
import { LinkMetrics } from '@renderer/live/LinkMetrics';
import { useLive } from '@renderer/live/live-store';
import { drawLinkPath } from '@shared/picture/link-path';
import { memo } from 'react';
import { BaseEdge, EdgeLabelRenderer, type EdgeProps } from 'reactflow';
import classes from './LinkLine.module.css';
import { accentColor, type CanvasLink } from './model';
import { ProblemBadge } from './ProblemBadge';

const DASHES = { solid: undefined, dashed: '7 5', dotted: '2 5' } as const;

/** A link as it is drawn: line by type, keys in the middle. */
export const LinkLine = memo(function LinkLine(props: EdgeProps<CanvasLink>) {
  const { id, sourceX, sourceY, targetX, targetY, markerEnd, selected, data } = props;
  const isLive = useLive(({ watch, running }) => watch !== 'off' || running);
  const journeyMark = useLinkMark(id);
  if (data === undefined) return null;
  const { accent, stroke } = describeLink(data.link.type);
  const line = drawLinkPath({ x: sourceX, y: sourceY }, { x: targetX, y: targetY }, data.lane);
  const color = accentColor(accent);
  return (
    <>
      <BaseEdge
        id={id}
        path={line.path}
        markerEnd={markerEnd}
        interactionWidth={18}
        style={{
          stroke: selected || isWalked(journeyMark) ? 'var(--tl-accent)' : color,
          strokeWidth: selected || isWalked(journeyMark) ? 2.5 : 1.6,
          opacity: journeyMark === 'off' ? 0.15 : undefined,
          strokeDasharray: DASHES[stroke],
          strokeLinecap: stroke === 'dotted' ? 'round' : undefined,
        }}
      />
      {(data.label !== '' || data.mark || isLive) && (
        <EdgeLabelRenderer>
          <div
            className={classes.label}
            data-link={id}
            data-selected={selected || undefined}
            data-journey={journeyMark}
            style={{
              '--kind': color,
              transform: `translate(-50%, -50%) translate(${line.label.x}px, ${line.label.y}px)`,
            }}
          >
            {data.label !== '' && (
              <span className={classes.text} title={data.label}>
                {data.label}
              </span>
            )}
            {isLive && <LinkMetrics linkId={id} />}
            {data.mark && <ProblemBadge mark={data.mark} className={classes.badge} />}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

/** Has the message that is followed come this way by the moment shown? */
function isWalked(mark: ReturnType<typeof useLinkMark>): boolean {
  return mark === 'here' || mark === 'passed';
}
