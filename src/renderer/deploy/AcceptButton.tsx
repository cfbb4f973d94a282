import { Button, Tooltip } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { useFlow } from '@renderer/flow/use-flow';
import type { Step } from '@shared/deploy/plan';
import { acceptFound } from '@shared/kinds/registry';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useMemo } from 'react';
import { acceptStep, useDeploy } from './plan-actions';
import { objectLabel } from './stakes';

/** The other way to end a difference: what is drawn is set to what the broker has. Not there where that cannot be. */
export function AcceptButton({ step }: { step: Step }) {
  const flow = useFlow((state) => state.flow);
  const isPlanned = useDeploy(({ phase }) => phase === 'planned');
  const canAccept = useMemo(() => acceptFound(flow, step) !== undefined, [flow, step]);
  if (!isPlanned || !canAccept) return null;
  return (
    <Tooltip label="Sets what is drawn to what the broker has. Deploy does it the other way round." openDelay={400}>
      <Button
        size="compact-xs"
        variant="default"
        my={3}
        leftSection={<IconArrowBackUp size={13} aria-hidden />}
        aria-label={`Accept ${objectLabel(step)} into the flow`}
        onClick={() => attempt('Accept', () => acceptStep(step))}
      >
        Accept into the flow
      </Button>
    </Tooltip>
  );
}
