import { copySelectedNodes, pasteCopied, removeSelection } from '@renderer/flow/edits';

/** The last nodes copied here, for hosts that do not let a page read the clipboard. */
let lastCopied = '';
/** How often the same text was pasted in a row: each copy stands a little further off. */
let pastedTimes = 0;

function isEditingText(): boolean {
  const focused = document.activeElement;
  const isField =
    focused instanceof HTMLElement && (focused.isContentEditable || /^(INPUT|TEXTAREA)$/.test(focused.tagName));
  return isField || (document.getSelection()?.toString() ?? '') !== '';
}

function onCopy(event: ClipboardEvent): void {
  const text = isEditingText() ? undefined : copySelectedNodes();
  if (text === undefined) return;
  event.preventDefault();
  event.clipboardData?.setData('text/plain', text);
  remember(text);
  if (event.type === 'cut') removeSelection('Cut');
}

function onPaste(event: ClipboardEvent): void {
  if (isEditingText()) return;
  if (pasteText(event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault();
}

function remember(text: string): void {
  lastCopied = text;
  pastedTimes = 0;
}

function pasteText(text: string): boolean {
  const times = text === lastCopied ? pastedTimes + 1 : 1;
  if (!pasteCopied(text, { x: 32 * times, y: 32 * times })) return false;
  lastCopied = text;
  pastedTimes = times;
  return true;
}

/** Copy, cut and paste of nodes by the keys and menus of the host. Answers the stop function. */
export function listenToClipboard(): () => void {
  document.addEventListener('copy', onCopy);
  document.addEventListener('cut', onCopy);
  document.addEventListener('paste', onPaste);
  return () => {
    document.removeEventListener('copy', onCopy);
    document.removeEventListener('cut', onCopy);
    document.removeEventListener('paste', onPaste);
  };
}

/** Copy and cut from a menu, where there is no clipboard event. */
export async function copySelection(isCut = false): Promise<void> {
  const text = copySelectedNodes();
  if (text === undefined) return;
  remember(text);
  if (isCut) removeSelection('Cut');
  await navigator.clipboard?.writeText(text).catch(() => undefined);
}

/** Paste from a menu: what the clipboard holds if it may be read, else what was copied last in this window. */
export async function pasteFromMenu(): Promise<void> {
  const text = await navigator.clipboard?.readText().catch(() => '');
  if (!pasteText(text ?? '')) pasteText(lastCopied);
}
