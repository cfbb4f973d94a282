import { accentColor } from '@renderer/canvas/model';
import { select } from '@renderer/flow/flow-store';
import { nameEnd, nameLink } from '@renderer/flow/names';
import { selectLinks } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { describeLink } from '@renderer/kinds/descriptors';
import { endNode } from '@shared/flow/schema';
import { IconArrowNarrowLeft, IconArrowNarrowRight } from '@tabler/icons-react';
import classes from './NodeLinks.module.css';

/** Links that end at a node, each a way to the link's own form. */
export function NodeLinks({ id }: { id: string }) {
  const flow = useFlow((state) => state.flow);
  const links = Object.entries(flow.links).filter(([, { from, to }]) => endNode(from) === id || endNode(to) === id);
  return (
    <section className={classes.section}>
      <h3 className={classes.heading}>Links</h3>
      {links.length === 0 ? (
        <p className={classes.none}>Not connected to anything yet.</p>
      ) : (
        <ul className={classes.list}>
          {links.map(([linkId, link]) => {
            const { accent, label, summary } = describeLink(link.type);
            const isOut = endNode(link.from) === id;
            const Arrow = isOut ? IconArrowNarrowRight : IconArrowNarrowLeft;
            return (
              <li key={linkId}>
                <button
                  type="button"
                  className={classes.link}
                  aria-label={nameLink(flow, link)}
                  onClick={() => select(selectLinks(linkId))}
                >
                  <Arrow size={15} stroke={1.8} style={{ color: accentColor(accent) }} aria-hidden />
                  <span className={classes.name}>{nameEnd(flow, isOut ? link.to : link.from)}</span>
                  <span className={classes.facts}>{summary(link.settings) || label.toLowerCase()}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
