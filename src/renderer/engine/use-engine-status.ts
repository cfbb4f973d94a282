import { useStore } from 'zustand';
import { engineStatus } from './client';

/** How the view stands with its engine. */
export function useEngineStatus() {
  return useStore(engineStatus);
}
