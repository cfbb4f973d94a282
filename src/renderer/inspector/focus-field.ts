import { shellStore } from '@renderer/shell/shell-store';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** The field that is being jumped to, so that the group it stands in opens. */
const wantedStore = createStore<{ path: string | undefined }>(() => ({ path: undefined }));

export function useWantedField(): string | undefined {
  return useStore(wantedStore, ({ path }) => path);
}

/**
 * Puts the focus into the inspector's field of this path (`settings.rows.0.routingKey`), or the nearest one that contains it.
 * Without a path, or when no form shows it, the focus goes to the inspector itself.
 */
export function focusField(path: string | undefined): void {
  shellStore.setState({ isInspectorOpen: true });
  wantedStore.setState({ path });
  // Two frames: the inspector is drawn for the new selection and opens the group first.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      findField(path)?.focus();
      wantedStore.setState({ path: undefined });
    }),
  );
}

function findField(path: string | undefined): HTMLElement | null {
  const inspector = document.querySelector<HTMLElement>('[data-region="inspector"]');
  if (inspector === null || path === undefined) return inspector;
  for (let parts = path.split('.'); parts.length > 0; parts = parts.slice(0, -1)) {
    const field = inspector.querySelector<HTMLElement>(`[data-field="${CSS.escape(parts.join('.'))}"]`);
    if (field === null) continue;
    field.scrollIntoView({ block: 'nearest' });
    return field.querySelector<HTMLElement>('input, textarea, [contenteditable="true"]') ?? field;
  }
  return inspector;
}
