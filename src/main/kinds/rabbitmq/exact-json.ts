import type { Json } from '@shared/flow/schema';

/** Texts, which are left alone, and numbers. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON without rounding: a whole number that JavaScript cannot hold becomes `{"$type": "long", "value": "…"}`, as the flow
 * stores it. @throws SyntaxError
 */
export function parseExactJson(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json;
  const exact = text.replace(TOKEN, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token))
      ? JSON.stringify({ $type: 'long', value: token })
      : token,
  );
  return JSON.parse(exact) as Json;
}
