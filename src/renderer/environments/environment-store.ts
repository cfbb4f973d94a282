import { engine } from '@renderer/engine/client';
import type { HostInfo } from '@shared/api/contract';
import { type Environment, SANDBOX_ENVIRONMENT } from '@shared/api/environment';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** Environments as the host keeps them. */
export interface EnvironmentState {
  isLoaded: boolean;
  active: string;
  environments: Environment[];
  /** Where passwords go; null until the host was asked. */
  secretStore: HostInfo['secretStore'] | null;
}

export const environmentStore = createStore<EnvironmentState>(() => ({
  isLoaded: false,
  active: '',
  environments: [],
  secretStore: null,
}));

/** Reads the environments in React. */
export function useEnvironments<T>(selector: (state: EnvironmentState) => T): T {
  return useStore(environmentStore, selector);
}

/** The environment that Plan, Deploy, Run and Watch speak to. */
export function activeEnvironment({ active, environments }: EnvironmentState): Environment | undefined {
  return environments.find(({ id }) => id === active);
}

/** Is the embedded broker what Plan, Deploy, Run and Watch speak to? */
export function isSandboxActive({ active }: EnvironmentState): boolean {
  return active === SANDBOX_ENVIRONMENT;
}

/** Asks the host again; called at start, after every change, and when the engine came back. */
export async function loadEnvironments(): Promise<void> {
  const [{ active, environments }, { secretStore }] = await Promise.all([
    engine.environments.list(),
    engine.host.info(),
  ]);
  environmentStore.setState({ isLoaded: true, active, environments, secretStore });
}

export async function selectEnvironment(id: string): Promise<void> {
  await engine.environments.select({ id });
  await loadEnvironments();
}

/** Adds or replaces. `secrets` by broker id; they go to the host's store and never come back. */
export async function saveEnvironment(environment: Environment, secrets: Record<string, string>): Promise<Environment> {
  const saved = await engine.environments.save({ environment, secrets });
  await loadEnvironments();
  return saved;
}

export async function removeEnvironment(id: string): Promise<void> {
  await engine.environments.remove({ id });
  await loadEnvironments();
}
