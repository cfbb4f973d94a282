import { useMemo } from 'react';
import { tokenizeJson } from './json-tokens';
import classes from './MessageView.module.css';

/** Longer text is drawn without colours: thousands of pieces would be slow, and nobody reads them by colour. */
const MAX_COLOURED_CHARS = 20_000;

/** JSON in colour. It is text, never HTML. */
export function JsonText({ text }: { text: string }) {
  const tokens = useMemo(() => (text.length > MAX_COLOURED_CHARS ? [] : tokenizeJson(text)), [text]);
  if (tokens.length === 0) return <>{text}</>;
  let at = 0;
  return (
    <>
      {tokens.map(({ text: part, type }) => {
        const key = at;
        at += part.length;
        return type === 'plain' ? (
          part
        ) : (
          <span key={key} className={classes[type]}>
            {part}
          </span>
        );
      })}
    </>
  );
}
