import { Failure } from '@shared/failure';
import type { KindDriver } from '../kinds/driver';
import { rabbitmqDriver } from '../kinds/rabbitmq/index';
import { redisDriver } from '../kinds/redis/index';

/** Drivers by kind; a new broker kind is one line here. */
export type Drivers = Readonly<Record<string, KindDriver>>;

/** The kinds this Tapline can talk to. */
export const DRIVERS: Drivers = { rabbitmq: rabbitmqDriver, redis: redisDriver };

/** @throws Failure `kind/unknown` */
export function driverOf(drivers: Drivers, kind: string, broker: string): KindDriver {
  const driver = drivers[kind];
  if (driver) return driver;
  throw new Failure('kind/unknown', `This Tapline cannot talk to a broker of kind "${kind}" (${broker}).`, {
    object: broker,
  });
}
