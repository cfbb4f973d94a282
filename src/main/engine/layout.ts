import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { Failure } from '@shared/failure';
import type { ElkNode } from 'elkjs/lib/elk-api';

const requireFromHere = createRequire(import.meta.url);

/** A text, not a file: the same under the bundler, in the packaged app and in tests. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const Elk = require(workerData.elk);
new Elk().layout(workerData.graph).then(
  (graph) => parentPort.postMessage({ graph }),
  (error) => parentPort.postMessage({ error: String(error && error.message || error) }),
);`;

/** Lays a graph out with elk in a thread of its own, so that brokers and views are served meanwhile. @throws Failure */
export function runLayout(graph: ElkNode, signal?: AbortSignal): Promise<ElkNode> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(PROGRAM, {
      eval: true,
      workerData: { elk: requireFromHere.resolve('elkjs/lib/elk.bundled.js'), graph },
    });
    const stop = () => end(() => reject(signal?.reason));
    const end = (settle: () => void) => {
      signal?.removeEventListener('abort', stop);
      void worker.terminate();
      settle();
    };
    const fail = (cause: unknown) =>
      end(() => reject(new Failure('layout/failed', 'The flow could not be laid out.', { cause })));
    worker.once('message', ({ graph: done, error }: { graph?: ElkNode; error?: string }) =>
      done ? end(() => resolve(done)) : fail(error),
    );
    worker.once('error', fail);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
