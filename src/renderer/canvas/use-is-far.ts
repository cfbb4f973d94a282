import { useStore } from 'reactflow';

/** Below this zoom small text cannot be read. */
const FAR_ZOOM = 0.45;
/** Few nodes cost little: their names are drawn for longer, since a blank shape tells nothing. */
const FAR_ZOOM_OF_FEW = 0.28;
const FEW_NODES = 100;

/** Is the canvas zoomed out so far that only shapes can be told? Cards are plain then, and live numbers need not be written. */
export function useIsFar(): boolean {
  return useStore(({ transform, nodes }) => transform[2] < (nodes.length > FEW_NODES ? FAR_ZOOM : FAR_ZOOM_OF_FEW));
}
