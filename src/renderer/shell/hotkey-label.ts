const isMac = /mac/i.test(navigator.platform);

const WORDS: Record<string, string> = isMac
  ? { mod: '⌘', shift: '⇧', alt: '⌥', delete: '⌦', escape: 'esc' }
  : { mod: 'Ctrl', shift: 'Shift', alt: 'Alt', delete: 'Del', escape: 'Esc' };

/** A hotkey as people read it: `mod+shift+S` → `Ctrl+Shift+S`, on a Mac `⌘⇧S`. */
export function hotkeyLabel(hotkey: string): string {
  const keys = hotkey.split('+').map((key) => WORDS[key.toLowerCase()] ?? key.toUpperCase());
  return keys.join(isMac ? '' : '+');
}
