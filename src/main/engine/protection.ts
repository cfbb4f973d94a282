import type { Protection } from '@shared/api/environment';
import { Failure } from '@shared/failure';

/** Refuses changes where the environment forbids them, or wants its name typed first. @throws Failure */
export function checkProtection(
  { name, protection }: { name: string; protection: Protection },
  confirmation: string | undefined,
): void {
  if (protection === 'read-only') {
    throw new Failure('environment/read-only', `${name} is read-only: Tapline changes nothing there.`, {
      object: name,
    });
  }
  if (protection === 'confirm' && confirmation !== name) {
    throw new Failure('environment/not-confirmed', `Changes in ${name} need its name typed as confirmation.`, {
      object: name,
    });
  }
}
