import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** Panels at the bottom. */
export type BottomTab = 'problems' | 'plan' | 'traffic' | 'journeys' | 'dead-letters';

/** What of the window is open; session state. */
export interface ShellState {
  bottomTab: BottomTab;
  isBottomOpen: boolean;
  isPaletteOpen: boolean;
  isInspectorOpen: boolean;
}

export const shellStore = createStore<ShellState>(() => ({
  bottomTab: 'problems',
  isBottomOpen: true,
  isPaletteOpen: true,
  isInspectorOpen: true,
}));

/** Reads the shell's state in React. */
export function useShell<T>(selector: (state: ShellState) => T): T {
  return useStore(shellStore, selector);
}

/** Brings a bottom panel to the front, opening the bottom if it was closed. */
export function showBottomTab(bottomTab: BottomTab): void {
  shellStore.setState({ bottomTab, isBottomOpen: true });
}

/** Parts of the window that keys go to. */
export type Region = 'palette' | 'outline' | 'inspector' | 'problems';

/** Moves the focus into a part of the window, opening it if it was closed. A region marks itself with `data-region`. */
export function focusRegion(region: Region): void {
  if (region === 'problems') showBottomTab('problems');
  else shellStore.setState(region === 'inspector' ? { isInspectorOpen: true } : { isPaletteOpen: true });
  // The region may only now be drawn.
  requestAnimationFrame(() => {
    const root = document.querySelector<HTMLElement>(`[data-region="${region}"]`);
    const first = ['[data-region-focus]', 'input, textarea', 'button:not([tabindex="-1"]), [tabindex="0"]']
      .map((wanted) => root?.querySelector<HTMLElement>(wanted))
      .find((element) => element);
    (first ?? root)?.focus();
    // What is named is usually renamed at once.
    if (region === 'inspector' && first instanceof HTMLInputElement) first.select();
  });
}
