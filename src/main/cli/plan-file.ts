import { basename } from 'node:path';
import type { Plan } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import { z } from 'zod';
import { readTextFile } from '../engine/files';
import { createRedactor } from '../engine/redact';

/** What `deploy --plan` compares; everything else of a saved plan is for people. */
const planSchema = z.looseObject({
  format: z.literal(1),
  flowName: z.string(),
  status: z.enum(['in-sync', 'changes', 'partial']),
  brokers: z.array(z.looseObject({ broker: z.string(), foundFingerprint: z.string() })),
  steps: z.array(z.looseObject({ id: z.string() })),
  pruned: z.boolean().default(false),
});

/** The text of a plan file. Passwords in what was found are masked. */
export function savedPlan(plan: Plan, pruned: boolean): string {
  return `${createRedactor().redact(JSON.stringify({ ...plan, pruned }, null, 2))}\n`;
}

/** Reads a plan file. @throws Failure `cli/bad-plan` */
export async function readPlanFile(path: string): Promise<{ plan: Plan; pruned: boolean }> {
  const { text } = await readTextFile(path);
  const parsed = planSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
    throw new Failure('cli/bad-plan', `${basename(path)} is not a plan of Tapline${place}.`, {
      hint: 'Make one with tapline plan FLOW -o PLAN.',
      object: path,
    });
  }
  const { pruned, ...plan } = parsed.data;
  return { plan: plan as unknown as Plan, pruned };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
