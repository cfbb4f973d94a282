import { useEffect, useState } from 'react';
import { readFailure } from './failure';

/** A form is asked about so long after its last change, milliseconds. */
const QUIET_MS = 150;

/** What an order would do, asked again a moment after each change of it; undefined is not asked about. `ask` is the same function each time. */
export function useDryRun<Order, Preview>(
  order: Order | undefined,
  ask: (order: Order) => Promise<Preview>,
): { preview: Preview | null; problem: string | null } {
  const [result, setResult] = useState<{ preview: Preview | null; problem: string | null }>({
    preview: null,
    problem: null,
  });
  const asText = order === undefined ? undefined : JSON.stringify(order);
  useEffect(() => {
    if (asText === undefined) return;
    let isCurrent = true;
    const timer = setTimeout(() => {
      ask(JSON.parse(asText) as Order).then(
        (preview) => isCurrent && setResult({ preview, problem: null }),
        (error: unknown) => isCurrent && setResult({ preview: null, problem: readFailure(error).message }),
      );
    }, QUIET_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [asText, ask]);
  return result;
}
