import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '@shared/api/contract';
import { awayFailure, connectEngine } from './connection';

const connection = connectEngine();

/** How the view stands with its engine; `useEngineStatus` in React. */
export const engineStatus = connection.status;

/**
 * The engine's procedures, typed by the contract: `await engine.document.state()`. A call made before the first connection
 * waits for it; one made or pending while the engine is away is refused with the Failure `engine/away`, which is retryable.
 */
export const engine: ContractRouterClient<Contract> = createORPCClient({
  call: async (path, input, options) => {
    const link = await connection.link();
    try {
      return await link.call(path, input, options);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      if (!connection.isCurrent(link)) throw awayFailure();
      throw error;
    }
  },
});

/** Resolves when the engine is connected, at once if it is. */
export async function engineConnected(): Promise<void> {
  await connection.whenConnected();
}
