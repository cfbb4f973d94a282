import { notifications } from '@mantine/notifications';
import { engine, engineConnected } from '@renderer/engine/client';
import { readFailure, showFailure } from '@renderer/engine/failure';
import { flowStore } from './flow-store';
import { type FlowSync, syncFlow } from './flow-sync';
import type { RebasedDiff } from './rebase';

function tellOverruled({ overruled }: RebasedDiff): void {
  const { flow } = flowStore.getState();
  const names = overruled.map(({ part, id }) => (part === 'nodes' ? flow.nodes[id]?.name : undefined) ?? id);
  notifications.show({
    id: 'overruled',
    color: 'yellow',
    title: 'Changed elsewhere meanwhile',
    message: `${[...new Set(names)].join(', ')}: what came first was kept, and your changes to the same values were not applied.`,
    autoClose: 12_000,
    withBorder: true,
  });
}

/** The open document, kept the same here and in the engine. */
export const documentSync: FlowSync = syncFlow(
  {
    state: () => engine.document.state(),
    next: (known) => engine.document.next(known),
    edit: (edit) => engine.document.edit(edit),
    connected: engineConnected,
    isAway: (error) => readFailure(error).code === 'engine/away',
  },
  { onOverruled: tellOverruled, onRefused: (error) => showFailure('Edit', error) },
);
