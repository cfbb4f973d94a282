import type { SandboxVersion } from '@shared/api/sandbox';

/** Where the versions differ in what a client can see. Measured on 3.10.8 and 4.0.5. */
export interface Behaviour {
  version: SandboxVersion;
  /** Full version number as announced to clients. */
  serverVersion: string;
  /** Declaring an exchange of an unknown type closes the connection (503) or only the channel (406). */
  unknownExchangeTypeCloses: 'connection' | 'channel';
  /** Deliveries of a quorum queue's message before it is dropped or dead-lettered; undefined: no limit. */
  defaultDeliveryLimit: number | undefined;
  /** Where a quorum queue puts a returned message. */
  quorumRequeue: 'tail' | 'head';
  /** Does an `x-death` header sent by a client count as history? */
  trustsClientDeaths: boolean;
  maxMessageBytes: number;
  /** What a negative `x-delivery-limit` means for quorum queues. */
  negativeDeliveryLimit: 'none' | 'zero';
  /** Does basic.get from a quorum queue show `x-delivery-count` of 0? */
  showsZeroDeliveryCount: boolean;
  /** A queue declared without `x-queue-type` is compared as if it had said `classic`. */
  fillsInQueueType: boolean;
  /** Does a dead letter with a routing key of its own keep its CC header? */
  keepsCarbonCopies: boolean;
  /** What a death's routing keys are: all but BCC's, or all, from which each of BCC's is taken once. */
  listsDeathKeys: 'all but blind' | 'less each blind';
  /** With two or more earlier deaths, the order of the others is turned around by each new one. */
  turnsDeathsAround: boolean;
  /** Sent to clients of another protocol. */
  protocolHeader: Buffer;
}

export const BEHAVIOURS: Record<SandboxVersion, Behaviour> = {
  '3.10': {
    version: '3.10',
    serverVersion: '3.10.8',
    unknownExchangeTypeCloses: 'connection',
    defaultDeliveryLimit: undefined,
    quorumRequeue: 'tail',
    trustsClientDeaths: true,
    maxMessageBytes: 128 * 1024 * 1024,
    negativeDeliveryLimit: 'zero',
    showsZeroDeliveryCount: true,
    fillsInQueueType: false,
    keepsCarbonCopies: false,
    listsDeathKeys: 'all but blind',
    turnsDeathsAround: true,
    protocolHeader: Buffer.from('AMQP\x00\x00\x09\x01', 'latin1'),
  },
  '4.0': {
    version: '4.0',
    serverVersion: '4.0.5',
    unknownExchangeTypeCloses: 'channel',
    defaultDeliveryLimit: 20,
    quorumRequeue: 'head',
    trustsClientDeaths: false,
    maxMessageBytes: 16 * 1024 * 1024,
    negativeDeliveryLimit: 'none',
    showsZeroDeliveryCount: false,
    fillsInQueueType: true,
    keepsCarbonCopies: true,
    listsDeathKeys: 'less each blind',
    turnsDeathsAround: false,
    protocolHeader: Buffer.from('AMQP\x03\x01\x00\x00', 'latin1'),
  },
};
