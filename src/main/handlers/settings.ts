import { Failure } from '@shared/failure';
import type { Json } from '@shared/flow/schema';
import type { ZodType } from 'zod';

/** Reads one group of a handler's settings. @throws Failure naming the field that cannot be used */
export function readSettings<T>(schema: ZodType<T>, settings: Record<string, Json>, group: string): T {
  const result = schema.safeParse(settings[group] ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = [group, ...(issue?.path ?? [])].join('.');
  const reason = issue?.message.replace(/^Invalid input: /, '') ?? 'it cannot be read';
  throw new Failure('handler/invalid-setting', `The handler’s setting “${path}” is not valid: ${reason}.`, {
    object: path,
  });
}
