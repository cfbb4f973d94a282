import { notifications } from '@mantine/notifications';
import { engine } from '@renderer/engine/client';
import { ask } from '@renderer/shell/ask';
import type { HeldCount, RunningSandbox, SandboxState } from '@shared/api/sandbox';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const EVERY_MS = 1000;

/** The sandboxes of the open flow as the engine last told; null until it did, and where the host has none. */
export const sandboxStore = createStore<{ state: SandboxState | null }>(() => ({ state: null }));

/** Reads them in React. */
export function useSandbox(): SandboxState | null {
  return useStore(sandboxStore, ({ state }) => state);
}

/** Asks the engine; tells when one ended by itself in the meantime. */
export async function loadSandbox(): Promise<void> {
  const before = sandboxStore.getState().state?.restarts ?? 0;
  const state = await engine.sandbox.state();
  sandboxStore.setState({ state });
  if (state === null || state.restarts <= before) return;
  notifications.show({
    color: 'yellow',
    message: 'The sandbox ended unexpectedly and was started again. What happened in its last seconds may be lost.',
    withBorder: true,
    autoClose: 12_000,
  });
}

/** Asks again and again: the clock may be changed by another window, and the sandbox may end. Returns the stop function. */
export function followSandbox(): () => void {
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout>;
  const look = async () => {
    // The engine being away is told elsewhere; the next look follows all the same.
    await loadSandbox().catch(() => undefined);
    if (!isStopped) timer = setTimeout(look, EVERY_MS);
  };
  void look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** Changes the sandbox, then shows what became of it. */
export async function changeSandbox(change: () => Promise<unknown>): Promise<void> {
  await change();
  await loadSandbox();
}

/** Asks, naming what goes, and drops everything. */
export async function resetSandbox(): Promise<void> {
  await loadSandbox();
  const running = sandboxStore.getState().state?.running ?? [];
  const answer = await ask({
    title: 'Reset the sandbox?',
    message: `${whatGoes(running)} The drawing stays as it is; deploy it again afterwards.`,
    choices: [{ value: 'reset', label: 'Reset sandbox', isDanger: true }],
  });
  if (answer === 'reset') await changeSandbox(() => engine.sandbox.reset());
}

function whatGoes(running: readonly RunningSandbox[]): string {
  const parts = sumHolds(running.flatMap(({ holds }) => holds)).map(
    ({ one, many, count }) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`,
  );
  if (parts.length === 0) return 'What is kept on disk goes.';
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)} go, and what is kept of them on disk.`;
}

/** What several sandboxes hold, by what it is. */
function sumHolds(holds: readonly HeldCount[]): HeldCount[] {
  const sums = new Map<string, HeldCount>();
  for (const held of holds) sums.set(held.one, { ...held, count: held.count + (sums.get(held.one)?.count ?? 0) });
  return [...sums.values()];
}
