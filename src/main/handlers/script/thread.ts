import { parentPort, workerData } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import { Guest, GuestProblem } from './guest';
import { PROGRESS, type ThreadData, type ThreadReply, type ThreadRequest, TURN_MS, type TurnRequest } from './protocol';

/** The thread that runs scripts: one turn after the other, each script in a context of its own. */
const data = workerData as ThreadData;
const progress = new Int32Array(data.progress);
const since = new Float64Array(data.since);
const guests = new Map<number, Guest>();
const send = (reply: ThreadReply) => parentPort?.postMessage(reply);

function tell(step: number): void {
  since[0] = Date.now();
  Atomics.store(progress, 0, step);
}

const quickjs = await newQuickJSWASMModuleFromVariant(variant);
Guest.warmUp(quickjs);

/** Handles messages until the turn is over. @throws GuestProblem when the script does not start */
function takeTurn({ handler, program, messages }: TurnRequest): string[] {
  const startedAt = performance.now();
  if (program) guests.set(handler, new Guest(quickjs, program));
  const guest = guests.get(handler);
  const outcomes: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (!guest || (index > 0 && performance.now() - startedAt > TURN_MS)) break;
    tell(index);
    outcomes.push(guest.run(message));
  }
  return outcomes;
}

function answer(request: TurnRequest): ThreadReply {
  try {
    return { type: 'ran', outcomes: takeTurn(request) };
  } catch (error) {
    // Anything else is a fault of QuickJS: the thread ends, and another one is started.
    if (error instanceof GuestProblem) return { type: 'problem', failure: error.failure };
    throw error;
  }
}

parentPort?.on('message', (request: ThreadRequest) => {
  const guest = guests.get(request.handler);
  if (request.type === 'remove') {
    guests.delete(request.handler);
    return guest?.close();
  }
  tell(PROGRESS.starting);
  const reply = answer(request);
  tell(PROGRESS.idle);
  send(reply);
  // A context that was broken off in the middle may refuse to be freed and take the thread with it: the answer is out by now.
  guests.get(request.handler)?.tidy();
});
send({ type: 'ready' });
