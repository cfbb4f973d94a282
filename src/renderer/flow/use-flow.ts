import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { type FlowState, flowStore } from './flow-store';

/** Reads the flow store in React; results are compared shallowly. */
export function useFlow<T>(selector: (state: FlowState) => T): T {
  return useStore(flowStore, useShallow(selector));
}
