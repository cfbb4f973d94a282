import { notifications } from '@mantine/notifications';
import { edit, flowStore } from '@renderer/flow/flow-store';
import { moveNodes } from '@shared/flow/commands';
import { layOutFlow } from '@shared/layout/layered';
import ELK, { type ElkNode } from 'elkjs/lib/elk-api.js';
import workerUrl from 'elkjs/lib/elk-worker.min.js?url';
import { canvasView } from './canvas-view';

/** From so many nodes on it takes long enough to say so. */
const SLOW_NODES = 150;
const NOTICE = 'layout';

let running: Promise<void> | undefined;

/** Lays the flow out from left to right, as one undo step. A second call while one is at work waits for that. */
export function arrangeNodes(): Promise<void> {
  running ??= arrange().finally(() => {
    running = undefined;
  });
  return running;
}

async function arrange(): Promise<void> {
  const { flow } = flowStore.getState();
  const cancelled = new AbortController();
  const isSlow = Object.keys(flow.nodes).length >= SLOW_NODES;
  if (isSlow) {
    notifications.show({
      id: NOTICE,
      loading: true,
      title: 'Laying out',
      message: 'Close this to leave everything where it is.',
      autoClose: false,
      withBorder: true,
      onClose: () => cancelled.abort(),
    });
  }
  try {
    const positions = await layOutFlow(flow, (graph) => layOutInWorker(graph, cancelled.signal));
    // What was deleted meanwhile gets no place; what was drawn meanwhile keeps its own.
    const isThere = (id: string) => id in flowStore.getState().flow.nodes || !(id in flow.nodes);
    const places = Object.fromEntries(Object.entries(positions).filter(([id]) => isThere(id)));
    if (edit((current) => moveNodes(current, places), { label: 'Layout' }))
      requestAnimationFrame(() => canvasView()?.fit());
  } catch (error) {
    if (!cancelled.signal.aborted) throw error;
  } finally {
    if (isSlow) notifications.hide(NOTICE);
  }
}

/** Runs elk in a worker that ends with the layout. Rejects when the signal aborts. */
async function layOutInWorker(graph: ElkNode, signal: AbortSignal): Promise<ElkNode> {
  const elk = new ELK({ workerUrl });
  try {
    return await Promise.race([
      elk.layout(graph),
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    ]);
  } finally {
    elk.terminateWorker();
  }
}
