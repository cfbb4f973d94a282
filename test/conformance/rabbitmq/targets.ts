import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BEHAVIOURS } from '@main/sandbox/rabbitmq/broker/behaviour';
import { DEFAULT_LIMITS, SandboxBroker, type SandboxLimits } from '@main/sandbox/rabbitmq/broker/broker';
import { SandboxClock } from '@main/sandbox/rabbitmq/broker/clock';
import { AmqpServer } from '@main/sandbox/rabbitmq/server/amqp-server';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { createVhost } from '../../support/rabbitmq';
import type { Behaviour, SandboxVersion, Transcript } from './behaviour';
import { BEHAVIOURS_COMPARED } from './behaviours';
import { Session, type Target } from './session';

/** A target that can be ended; `bugs` are exceptions that were the sandbox's own fault. */
export interface RunningTarget extends Target {
  version: SandboxVersion;
  bugs: unknown[];
  close: () => Promise<void>;
}

/**
 * Channels of a connection that outlives sessions; the connection is opened when one is first wanted, and a channel again when it
 * was closed: a question about a queue that is deleted before the answer closes it.
 */
function sharedChannels(url: string): Pick<RunningTarget, 'shared' | 'close'> {
  let opening: Promise<ChannelModel> | undefined;
  const channels = new Map<string, Promise<Channel>>();
  const open = async (name: string): Promise<Channel> => {
    opening ??= connect(url, { noDelay: true });
    const channel = await (await opening).createChannel();
    channel.on('error', () => channels.delete(name));
    return channel;
  };
  return {
    shared: (name) => {
      const channel = channels.get(name) ?? open(name);
      channels.set(name, channel);
      return channel;
    },
    close: async () => {
      if (opening) await (await opening).close();
    },
  };
}

/** A sandbox in this process, with a vhost of the name given. */
export async function startSandboxTarget(
  version: SandboxVersion,
  limits: SandboxLimits = DEFAULT_LIMITS,
): Promise<RunningTarget & { broker: SandboxBroker; server: AmqpServer }> {
  const bugs: unknown[] = [];
  const broker = new SandboxBroker(BEHAVIOURS[version], new SandboxClock((error) => bugs.push(error)), limits);
  const vhost = broker.addVhost('conformance');
  const server = new AmqpServer(broker, { reportBug: (error) => bugs.push(error) });
  const url = `amqp://guest:guest@127.0.0.1:${await server.listen()}/conformance`;
  const { shared, close } = sharedChannels(url);
  return {
    url,
    shared,
    vhost: 'conformance',
    version,
    bugs,
    isRestless: () => vhost.deadLetters.isUnderWay,
    broker,
    server,
    close: async () => {
      await close();
      await server.close();
      broker.close();
    },
  };
}

/** A fresh vhost on the run's RabbitMQ; throws for a version the sandbox does not claim to behave like. */
export async function startRealTarget(): Promise<RunningTarget> {
  const { url, vhost, remove } = await createVhost('conformance');
  const connection = await connect(url);
  const announced = String(connection.connection.serverProperties.version);
  await connection.close();
  const version = (Object.keys(BEHAVIOURS) as SandboxVersion[]).find((known) => announced.startsWith(`${known}.`));
  if (!version) throw new Error(`the sandbox has no behaviour for RabbitMQ ${announced}`);
  const { shared, close } = sharedChannels(url);
  return { url, vhost, version, shared, bugs: [], close: () => close().then(remove) };
}

/** Runs one behaviour; the answer is plain JSON. */
export async function perform(behaviour: Behaviour, target: Target): Promise<unknown> {
  const session = await Session.open(target);
  try {
    return JSON.parse(JSON.stringify((await behaviour.run(session)) ?? null));
  } finally {
    await session.close();
  }
}

const transcriptPath = (version: SandboxVersion) =>
  resolve(import.meta.dirname, `../../fixtures/transcripts/rabbitmq-${version}.json`);

/** What a real broker of that version answered when it was recorded. */
export function readTranscript(version: SandboxVersion): Transcript {
  const path = transcriptPath(version);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

/** Writes it sorted by name; answers of behaviours that are no more are left out. */
export function writeTranscript(version: SandboxVersion, answers: Transcript): void {
  const names = BEHAVIOURS_COMPARED.map((behaviour) => behaviour.name).filter((name) => name in answers);
  const transcript = Object.fromEntries(names.sort().map((name) => [name, answers[name]]));
  writeFileSync(transcriptPath(version), `${JSON.stringify(transcript, null, 1)}\n`);
}
