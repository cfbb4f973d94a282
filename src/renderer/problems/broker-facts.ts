import { engine } from '@renderer/engine/client';
import { readFailure } from '@renderer/engine/failure';
import { flowStore } from '@renderer/flow/flow-store';
import type { BrokerFacts } from '@shared/kinds/facts';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** What is known of the flow's brokers in the active environment, by broker id; absent while unknown. */
export const factsStore = createStore<Record<string, BrokerFacts | undefined>>(() => ({}));

/** Facts of one broker, in React. */
export function useBrokerFacts(broker: string | undefined): BrokerFacts | undefined {
  return useStore(factsStore, (facts) => (broker === undefined ? undefined : facts[broker]));
}

/** Asks what the brokers are; those that cannot be reached stay unknown, which gives conditional problems. */
export async function learnFacts(refresh: boolean): Promise<void> {
  const { flow, openedCount } = flowStore.getState();
  const ids = Object.keys(flow.brokers);
  const entries = await Promise.all(
    ids.map(async (broker) => {
      try {
        return [broker, (await engine.brokers.facts({ broker, refresh })) ?? undefined] as const;
      } catch (error) {
        // A broker that is not there is a fact of its own, told by the environment picker; a bug is not.
        if (readFailure(error).code === 'internal/bug') throw error;
        return [broker, undefined] as const;
      }
    }),
  );
  if (flowStore.getState().openedCount === openedCount) factsStore.setState(Object.fromEntries(entries), true);
}

export function forgetFacts(): void {
  factsStore.setState({}, true);
}
