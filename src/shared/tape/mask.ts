import type { Json } from '@shared/flow/schema';
import type { Body, TrafficEvent } from '@shared/traffic/event';
import { type Node as JsonNode, parseTree } from 'jsonc-parser';
import type { Masking } from './tape';

/** What stands in the place of a value that was masked. */
export const MASKED = '***';

/** One thing that is kept off a tape. */
export type MaskRule = { part: 'body'; path: string[]; text: string } | { part: 'header'; name: string; text: string };

/**
 * Reads `body.card.number` (a field of a JSON body; every element of an array is meant, `*` is any field) or
 * `header.authorization` (in any case). Undefined when it is neither.
 */
export function parseMaskRule(text: string): MaskRule | undefined {
  const [part, ...path] = text.trim().split('.');
  if (path.length === 0 || path.some((name) => name === '')) return undefined;
  if (part === 'body') return { part, path, text: text.trim() };
  return part === 'header' ? { part, name: path.join('.').toLowerCase(), text: text.trim() } : undefined;
}

/** Takes off an event what the rules name, and says so in `masked`. Bodies that cannot be looked into are masked whole. */
export type MaskEvent = (event: TrafficEvent) => TrafficEvent;

export function createMask({ bodies, rules: texts }: Masking): MaskEvent {
  const rules = texts.flatMap((text) => parseMaskRule(text) ?? []);
  const headerRules = rules.filter((rule) => rule.part === 'header');
  const bodyRules = rules.filter((rule) => rule.part === 'body');
  return (event) => {
    const masked: string[] = [];
    const changed: Partial<TrafficEvent> = {};
    if (event.headers) {
      const headers = maskHeaders(event.headers, headerRules, masked);
      if (headers) changed.headers = headers;
    }
    if (event.body && bodies === 'off') changed.body = { format: 'masked' };
    else if (event.body && bodyRules.length > 0) {
      const body = maskBody(event.body, bodyRules, masked);
      if (body) changed.body = body;
    }
    return { ...event, ...changed, ...(masked.length > 0 ? { masked } : {}) };
  };
}

function maskHeaders(
  headers: Record<string, Json>,
  rules: readonly Extract<MaskRule, { part: 'header' }>[],
  masked: string[],
): Record<string, Json> | undefined {
  const hit = rules.filter(({ name }) => Object.keys(headers).some((key) => key.toLowerCase() === name));
  if (hit.length === 0) return undefined;
  masked.push(...hit.map(({ text }) => text));
  const names = new Set(hit.map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key, names.has(key.toLowerCase()) ? MASKED : value]),
  );
}

function maskBody(
  body: Body,
  rules: readonly Extract<MaskRule, { part: 'body' }>[],
  masked: string[],
): Body | undefined {
  if (body.format !== 'json') return undefined;
  const tree = body.cut ? undefined : parseTree(body.text);
  // Half a JSON text cannot be looked into: who asked for one field to be hidden gets no half hidden one.
  if (!tree) return { format: 'masked' };
  const found: JsonNode[] = [];
  for (const { path, text } of rules) {
    const before = found.length;
    collect(tree, path, found);
    if (found.length > before) masked.push(text);
  }
  return found.length === 0 ? undefined : { ...body, text: cover(body.text, found) };
}

/** The values at a path; a name that stands twice in an object counts twice. */
function collect(node: JsonNode, path: readonly string[], found: JsonNode[]): void {
  const [name, ...rest] = path;
  if (name === undefined) {
    found.push(node);
    return;
  }
  for (const child of node.children ?? []) {
    if (node.type === 'array') {
      collect(child, path, found);
      continue;
    }
    const [key, value] = child.children ?? [];
    if (value && (name === '*' || key?.value === name)) collect(value, rest, found);
  }
}

/** The text with other values in these places, every other character as it was. */
function cover(text: string, nodes: readonly JsonNode[]): string {
  const outermost = [...nodes].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let result = '';
  let end = 0;
  for (const { offset, length } of outermost) {
    if (offset < end) continue;
    result += `${text.slice(end, offset)}${JSON.stringify(MASKED)}`;
    end = offset + length;
  }
  return result + text.slice(end);
}

/** Is a message's body on the tape as it was, every byte of it? */
export function hasWholeBody({ body, masked }: Pick<TrafficEvent, 'body' | 'masked'>): boolean {
  if (!body || body.format === 'masked' || body.cut) return false;
  return !masked?.some((rule) => rule.startsWith('body.'));
}
