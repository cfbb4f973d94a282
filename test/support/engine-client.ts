import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '@shared/api/contract';
import { RPC_PATH } from '@shared/api/wire';
import WebSocket from 'ws';

export type EngineClient = ContractRouterClient<Contract>;

/** Speaks to a served app over its WebSocket, as the page does. `url` is the one that was printed. */
export async function connectTo(url: string): Promise<{ engine: EngineClient; close: () => void }> {
  const page = new URL(url);
  const socket = new WebSocket(`ws://${page.host}${RPC_PATH}${page.search}`, { origin: page.origin });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
  return { engine: createORPCClient(link), close: () => socket.close() };
}
