import { engine } from '@renderer/engine/client';
import { documentSync } from '@renderer/flow/document';
import { flowStore } from '@renderer/flow/flow-store';
import { useFlow } from '@renderer/flow/use-flow';
import { hurryFrame } from '@renderer/live/live-store';
import type { PublishReport } from '@shared/api/contract';
import type { Flow, Json } from '@shared/flow/schema';
import { createStore } from 'zustand/vanilla';

/** The publisher whose form is open; null: closed. */
export const publishStore = createStore<{ node: string | null }>(() => ({ node: null }));

/** Publishers of the flow, by the order of their names. */
export function listPublishers(flow: Pick<Flow, 'nodes'>): { id: string; name: string }[] {
  return Object.entries(flow.nodes)
    .filter(([, { type }]) => type === 'publisher')
    .map(([id, { name }]) => ({ id, name }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** The publishers, in React. */
export function usePublishers(): { id: string; name: string }[] {
  const nodes = useFlow(({ flow }) => flow.nodes);
  return listPublishers({ nodes });
}

/** Opens the form that publishes from this publisher node; without one, from the selected publisher or the first. */
export function openPublishDialog(nodeId?: string): void {
  const { flow, selection } = flowStore.getState();
  const publishers = listPublishers(flow);
  const chosen = publishers.find(({ id }) => selection.nodes.has(id)) ?? publishers[0];
  publishStore.setState({ node: nodeId ?? chosen?.id ?? null });
}

export function closePublishDialog(): void {
  publishStore.setState({ node: null });
}

/** What is sent, beyond what the publisher itself says. */
export interface PublishInput {
  node: string;
  count: number;
  body?: string;
  routingKey?: string;
  headers?: Record<string, Json>;
}

/** Publishes now and waits for every confirm. */
export async function publishNow(input: PublishInput): Promise<PublishReport> {
  await documentSync.flush();
  try {
    return await engine.traffic.publish(input);
  } finally {
    hurryFrame();
  }
}
