import { eventLogStore, readEvents } from '@renderer/live/live-store';
import type { Phase, TrafficEvent } from '@shared/traffic/event';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** The list as it stood when it was paused. */
interface PausedList {
  events: readonly TrafficEvent[];
  counted: number;
  notSampled: number;
}

/** How the traffic panel is looked at; session state. */
export interface TrafficViewState {
  text: string;
  phases: ReadonlySet<Phase>;
  /** Only messages at the nodes selected on the canvas. */
  onlySelected: boolean;
  paused: PausedList | null;
  /** The message on view. It is kept itself: it stays on view when it falls out of the list. */
  selected: TrafficEvent | null;
}

export const trafficStore = createStore<TrafficViewState>(() => ({
  text: '',
  phases: new Set(),
  onlySelected: false,
  paused: null,
  selected: null,
}));

/** Reads the panel's state in React. */
export function useTraffic<T>(selector: (state: TrafficViewState) => T): T {
  return useStore(trafficStore, selector);
}

/** Holds the list still; counting goes on. */
export function pauseTraffic(): void {
  const { counted, notSampled } = eventLogStore.getState();
  trafficStore.setState({ paused: { events: readEvents(), counted, notSampled } });
}

export function resumeTraffic(): void {
  trafficStore.setState({ paused: null });
}

export function showMessage(event: TrafficEvent | null): void {
  trafficStore.setState({ selected: event });
}

/** Adds or removes a phase from those shown; none means all. */
export function togglePhase(phase: Phase): void {
  trafficStore.setState(({ phases }) => {
    const next = new Set(phases);
    if (!next.delete(phase)) next.add(phase);
    return { phases: next };
  });
}
