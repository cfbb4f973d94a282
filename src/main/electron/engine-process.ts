import { RPCHandler } from '@orpc/server/message-port';
import { Failure } from '@shared/failure';
import { createEngine } from '../engine/engine';
import type { HostPort } from '../engine/host';
import type { EngineMessage, EngineStart, HostServices, MainMessage } from './host-messages';

/** The engine in a process of its own (`utilityProcess`), so that broker traffic never makes the window stutter. */
const parent = process.parentPort;
const post = (message: EngineMessage) => parent.postMessage(message);

const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
let lastId = 0;

/** Calls a service of the main process. */
function ask<Name extends keyof HostServices>(service: Name): HostServices[Name] {
  const call = (...args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      post({ type: 'ask', id: lastId, service, args });
    });
  return call as HostServices[Name];
}

function hostOf(start: EngineStart): HostPort {
  return {
    version: start.version,
    dataFolder: start.dataFolder,
    variables: process.env,
    secrets: {
      kind: start.secretStore,
      get: ask('getSecret'),
      set: ask('setSecret'),
      delete: ask('deleteSecret'),
    },
    dialogs: { chooseFileToOpen: ask('chooseFileToOpen'), chooseFileToSave: ask('chooseFileToSave') },
    spawnSandbox: ask('spawnSandbox'),
  };
}

async function openEngine(start: EngineStart) {
  const host = hostOf(start);
  try {
    return await createEngine(host, { flowPath: start.flowPath });
  } catch (error) {
    post({ type: 'failed', message: error instanceof Failure ? error.message : `Tapline cannot start: ${error}` });
    if (!(error instanceof Failure) || start.flowPath === undefined) throw error;
    // A file that cannot be opened must not keep the window from opening.
    return createEngine(host);
  }
}

const start: EngineStart = JSON.parse(process.argv.at(-1) ?? '{}');
const opening = openEngine(start);

parent.on('message', ({ data, ports }) => {
  void receive(data as MainMessage, ports[0]);
});

async function receive(message: MainMessage, port: Electron.MessagePortMain | undefined): Promise<void> {
  switch (message.type) {
    case 'connect': {
      if (!port) return;
      const engine = await opening;
      new RPCHandler(engine.router).upgrade(port);
      port.start();
      return;
    }
    case 'answer': {
      const question = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.ok) question?.resolve(message.value);
      else question?.reject(new Error(message.message));
      return;
    }
    case 'close': {
      await (await opening).close();
      post({ type: 'closed' });
    }
  }
}

const engine = await opening;
process.on('unhandledRejection', (error) => engine.log.error({ err: error }, 'a bug'));
post({ type: 'ready' });
