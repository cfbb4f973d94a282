import { engine } from '@renderer/engine/client';
import { readFailure } from '@renderer/engine/failure';
import { isFixed } from '@renderer/environments/environment-draft';
import { activeEnvironment, environmentStore, saveEnvironment } from '@renderer/environments/environment-store';
import { documentSync } from '@renderer/flow/document';
import { flowStore } from '@renderer/flow/flow-store';
import type { Environment } from '@shared/api/environment';
import { endNode, type Flow } from '@shared/flow/schema';
import type { WatchMode } from '@shared/traffic/frame';
import { createStore } from 'zustand/vanilla';
import { hurryFrame } from './live-store';

/** What `traffic.run` refuses with when its handlers would take messages from other consumers. */
export const WOULD_COMPETE = 'run/would-compete';

/** What `traffic.run` refuses with where the environment does not let Tapline's handlers consume. */
export const MAY_NOT_RUN = 'environment/may-not-run';

/** What is asked before Run goes on. */
export type RunQuestion =
  /** Others consume already; the sentence names them. Going on accepts those of these queue nodes. */
  | { about: 'competing'; message: string; hint?: string; queues: string[] }
  /** The environment does not allow it, but may be changed to. */
  | { about: 'permission'; message: string; environment: Environment };

export const runQuestionStore = createStore<{ question: RunQuestion | null }>(() => ({ question: null }));

/** What Run does: starts publishers and handlers, asking first when it would compete with other consumers. */
export async function startRun(): Promise<void> {
  await run([]);
}

/** Goes on after the question was answered with yes. */
export async function runAnyway(question: RunQuestion): Promise<void> {
  cancelRun();
  if (question.about === 'permission') await saveEnvironment({ ...question.environment, allowRun: true }, {});
  await run(question.about === 'competing' ? question.queues : []);
}

export function cancelRun(): void {
  runQuestionStore.setState({ question: null });
}

async function run(competeWith: string[]): Promise<void> {
  await documentSync.flush();
  try {
    await engine.traffic.run({ competeWith });
  } catch (error) {
    const question = questionOf(error);
    if (question === null) throw error;
    runQuestionStore.setState({ question });
  } finally {
    hurryFrame();
  }
}

function questionOf(error: unknown): RunQuestion | null {
  const { code, message, hint } = readFailure(error);
  if (code === WOULD_COMPETE) {
    return { about: 'competing', message, hint, queues: consumedQueues(flowStore.getState().flow) };
  }
  const environment = activeEnvironment(environmentStore.getState());
  const mayAllow = environment !== undefined && environment.protection !== 'read-only' && !isFixed(environment);
  return code === MAY_NOT_RUN && mayAllow ? { about: 'permission', message, environment } : null;
}

/** Queues that Tapline's own handlers would consume from. */
export function consumedQueues(flow: Flow): string[] {
  const queues = new Set<string>();
  for (const link of Object.values(flow.links)) {
    const queue = endNode(link.from);
    const handler = endNode(link.to);
    if (link.type !== 'consume' || queue === undefined || handler === undefined) continue;
    if (flow.nodes[handler]?.settings['runsIn'] !== 'elsewhere') queues.add(queue);
  }
  return [...queues];
}

/** What Stop does. */
export async function stopRun(): Promise<void> {
  try {
    await engine.traffic.stop();
  } finally {
    hurryFrame();
  }
}

/** Chooses how the brokers are watched. */
export async function chooseWatchMode(mode: WatchMode): Promise<void> {
  try {
    await engine.traffic.watch({ mode });
  } finally {
    hurryFrame();
  }
}
