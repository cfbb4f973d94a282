import type { Connection, ConnectionReport } from '@shared/api/environment';
import type { Flow } from '@shared/flow/schema';
import type { BrokerFacts } from '@shared/kinds/facts';
import type { Environments } from './environments';
import { type Drivers, driverOf } from './kinds';
import type { Logger } from './log';

export interface TestRequest {
  kind: string;
  connection: Connection;
  secret?: string;
  environment?: string;
  broker?: string;
}

/** Asks brokers what they are. */
export interface Brokers {
  test: (request: TestRequest) => Promise<ConnectionReport>;
  /** Remembered until `refresh` or until an environment changes; null when the broker was not reached or has no connection. */
  facts: (broker: string, refresh: boolean, signal?: AbortSignal) => Promise<BrokerFacts | null>;
}

export function createBrokers(options: {
  flow: () => Flow;
  environments: Environments;
  drivers: Drivers;
  log: Logger;
}): Brokers {
  const { environments, drivers, log } = options;
  const known = new Map<string, BrokerFacts>();
  environments.onChange(() => known.clear());

  return {
    async test(request) {
      const driver = driverOf(drivers, request.kind, request.broker ?? 'new');
      return driver.test(await environments.targetOf(request.connection, request));
    },
    async facts(broker, refresh, signal) {
      const kind = options.flow().brokers[broker]?.kind;
      const target = (await environments.targets())[broker];
      if (!kind || !target) return null;
      const key = `${broker}\u0000${target.url}`;
      const remembered = known.get(key);
      if (remembered && !refresh) return remembered;
      try {
        const facts = await driverOf(drivers, kind, broker).facts(target, signal);
        known.set(key, facts);
        return facts;
      } catch (error) {
        log.info({ broker, err: error }, 'the broker was not reached');
        known.delete(key);
        return null;
      }
    },
  };
}
