import { Failure } from '@shared/failure';
import type { FlowChange, FlowDiff, RecordPart } from '@shared/flow/diff';
import { holdsPassword } from '@shared/flow/parse';
import { brokerSchema, linkSchema, nodeSchema, positionSchema } from '@shared/flow/schema';
import { z } from 'zod';

const RECORD_SCHEMAS: Record<RecordPart, z.ZodType> = {
  brokers: brokerSchema,
  nodes: nodeSchema,
  links: linkSchema,
  positions: positionSchema,
};

/** Keys of a flow that a property change may not replace: records have changes of their own. */
const STRUCTURE = new Set(['format', 'brokers', 'nodes', 'links', 'layout']);
const FORBIDDEN_IDS = new Set(['__proto__', 'constructor', 'prototype']);

const changeSchema: z.ZodType<FlowChange> = z.union([
  z.strictObject({
    part: z.enum(['brokers', 'nodes', 'links', 'positions']),
    id: z.string().min(1).max(200),
    before: z.json().optional(),
    after: z.json().optional(),
  }),
  z.strictObject({
    part: z.literal('property'),
    id: z.string().min(1).max(200),
    before: z.json().optional(),
    after: z.json().optional(),
  }),
]) as z.ZodType<FlowChange>;

/**
 * Checks an edit that came over the wire, so that no view can make the document one that cannot be opened again.
 * Only the records it changes are looked at. @throws Failure `flow/invalid-edit`
 */
export function checkEdit(diff: FlowDiff): void {
  for (const [index, change] of diff.entries()) {
    const shape = changeSchema.safeParse(change);
    if (!shape.success) throw invalid(`change ${index + 1}`, shape.error);
    const { part, id, after } = change;
    if (FORBIDDEN_IDS.has(id)) throw new Failure('flow/invalid-edit', `The id "${id}" cannot be used.`);
    if (after !== undefined && holdsPasswordAnywhere(after)) {
      throw new Failure('flow/password', `A flow never holds a password, and this edit of ${id} has a URL with one.`, {
        hint: 'Write {{secret:NAME}} in its place; the secret itself belongs into the connection dialog.',
        object: id,
      });
    }
    if (part === 'property') checkProperty(id, after);
    else if (after !== undefined) {
      const record = RECORD_SCHEMAS[part].safeParse(after);
      if (!record.success) throw invalid(`${part} ${id}`, record.error);
    }
  }
}

function holdsPasswordAnywhere(value: unknown): boolean {
  if (typeof value === 'string') return holdsPassword(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsPasswordAnywhere);
}

function checkProperty(id: string, after: unknown): void {
  if (STRUCTURE.has(id)) throw new Failure('flow/invalid-edit', `"${id}" of a flow cannot be changed as a whole.`);
  const isName = id === 'name';
  const isText = after === undefined ? !isName : typeof after === 'string';
  if ((isName || id === 'description') && !isText) {
    throw new Failure('flow/invalid-edit', `The ${id} of a flow is a text.`);
  }
}

function invalid(where: string, error: z.ZodError): Failure {
  const issue = error.issues[0];
  const path = issue?.path.join('.') ?? '';
  return new Failure(
    'flow/invalid-edit',
    `This edit cannot be applied: ${where}${path ? `, ${path}` : ''}: ${issue?.message}.`,
    {
      object: where,
    },
  );
}
