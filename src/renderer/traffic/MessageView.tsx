import { ActionIcon, Button } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { useFlow } from '@renderer/flow/use-flow';
import { followMessage } from '@renderer/journey/follow-message';
import { formatTime } from '@renderer/live/format';
import type { TrafficEvent } from '@shared/traffic/event';
import { IconRoute, IconX } from '@tabler/icons-react';
import { BodySection } from './BodySection';
import { FactTable } from './FactTable';
import classes from './MessageView.module.css';
import { PhaseBadge } from './PhaseBadge';
import { showMessage } from './traffic-store';

/** Everything known of one observation: what happened, properties, headers, body. */
export function MessageView({ event }: { event: TrafficEvent }) {
  const nodes = useFlow(({ flow }) => flow.nodes);
  const { phase, at, node, exchange, routingKey, queue, messageId, reason, inferred } = event;
  const facts: Record<string, string> = {
    node: nodes[node]?.name ?? node,
    ...(exchange === undefined ? {} : { exchange: exchange === '' ? '(default exchange)' : exchange }),
    ...(routingKey === undefined ? {} : { 'routing key': routingKey }),
    ...(queue === undefined ? {} : { queue }),
    ...(messageId === undefined ? {} : { 'message id': messageId }),
  };
  return (
    <section className={classes.view} aria-label="Message">
      <header className={classes.header}>
        <PhaseBadge phase={phase} inferred={inferred} />
        <span className={classes.time}>{formatTime(at)}</span>
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconRoute size={14} />}
          onClick={() => attempt('Follow', () => followMessage(event))}
        >
          Follow this message
        </Button>
        <ActionIcon aria-label="Close message" onClick={() => showMessage(null)}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      <div className={classes.content}>
        {reason && <p className={`${classes.reason} selectable`}>{reason}</p>}
        {inferred && <p className={classes.remark}>Worked out by Tapline from the bindings, not observed.</p>}
        <FactTable facts={facts} />
        {event.headers && Object.keys(event.headers).length > 0 && (
          <FactTable title="Headers" facts={event.headers} showTypes />
        )}
        {event.properties && Object.keys(event.properties).length > 0 && (
          <FactTable title="Properties" facts={event.properties} />
        )}
        <BodySection body={event.body} sizeBytes={event.sizeBytes} />
      </div>
    </section>
  );
}
