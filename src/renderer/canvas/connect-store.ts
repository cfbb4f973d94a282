import { flowStore } from '@renderer/flow/flow-store';
import { createStore } from 'zustand/vanilla';

/** The node that “Connect to…” was asked for; null while the dialog is closed. */
export const connectStore = createStore<{ node: string | null }>(() => ({ node: null }));

/** Opens “Connect to…” for a node, by default the selected one. */
export function openConnectDialog(node?: string): void {
  const [selected] = flowStore.getState().selection.nodes;
  connectStore.setState({ node: node ?? selected ?? null });
}
