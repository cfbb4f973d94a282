import type { CreateBehaviour } from './behaviour';

/** Takes every message as it is; what it was is in the traffic. */
export const createLog: CreateBehaviour = async () => ({
  handle: async () => ({ forwards: [], logs: [] }),
  close: async () => {},
});
