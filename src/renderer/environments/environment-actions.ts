import { createStore } from 'zustand/vanilla';

/** What the dialog shows; null: closed. */
export interface EnvironmentDialogState {
  /** Environment to begin with; undefined: the active one. `new`: begin with a new one. */
  environment?: string | 'new';
  /** Broker of the flow whose URL gets the focus. */
  broker?: string;
}

export const environmentDialogStore = createStore<{ shown: EnvironmentDialogState | null }>(() => ({ shown: null }));

/** Opens the connections of the active environment, at one broker of the flow if given. */
export function openEnvironmentDialog(broker?: string): void {
  environmentDialogStore.setState({ shown: { broker } });
}

/** Opens the dialog with a new environment. */
export function addEnvironment(): void {
  environmentDialogStore.setState({ shown: { environment: 'new' } });
}

export function closeEnvironmentDialog(): void {
  environmentDialogStore.setState({ shown: null });
}
