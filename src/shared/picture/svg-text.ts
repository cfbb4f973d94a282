/** What XML 1.0 cannot hold, even escaped: control characters and halves of surrogate pairs. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for an element or attribute of XML. Characters XML cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Widths in em of a sans-serif face, roughly and rather too wide: a picture cannot measure text. */
function widthOf(char: string): number {
  if (/[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]|\p{Extended_Pictographic}/u.test(char))
    return 1.05;
  if (/[ijl.,:;'|!()[\]ftr ]/.test(char)) return 0.36;
  if (/[mwMW@%]/.test(char)) return 0.92;
  return /[A-Z]/.test(char) ? 0.7 : 0.59;
}

/** Width of a text, about. */
export function measureText(text: string, fontSize: number): number {
  return [...text].reduce((sum, char) => sum + widthOf(char), 0) * fontSize;
}

/** The text if it fits into `maxWidth`, else its beginning with an ellipsis. */
export function shortenText(text: string, fontSize: number, maxWidth: number): string {
  if (measureText(text, fontSize) <= maxWidth) return text;
  let width = fontSize;
  let kept = '';
  for (const char of text) {
    width += widthOf(char) * fontSize;
    if (width > maxWidth) break;
    kept += char;
  }
  return `${kept.trimEnd()}…`;
}
