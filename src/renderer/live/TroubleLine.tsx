import { Tooltip } from '@mantine/core';
import { IconAlertTriangleFilled } from '@tabler/icons-react';
import { useLive } from './live-store';
import classes from './TroubleLine.module.css';

/** What a handler or publisher cannot do now, in one line; nothing while all is well. */
export function TroubleLine({ nodeId, isWhole = false }: { nodeId: string; isWhole?: boolean }) {
  const sentence = useLive(({ troubles }) => troubles.find(({ node }) => node === nodeId)?.sentence);
  if (sentence === undefined) return null;
  return (
    <Tooltip label={sentence} multiline maw={340} disabled={isWhole}>
      <p className={classes.line} data-whole={isWhole || undefined}>
        <IconAlertTriangleFilled size={12} aria-hidden />
        <span>{sentence}</span>
      </p>
    </Tooltip>
  );
}
