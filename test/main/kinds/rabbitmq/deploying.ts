import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import type { BrokerPlan, Outcome, Step } from '@shared/deploy/plan';
import type { Flow } from '@shared/flow/schema';
import { connect } from 'amqplib';
import { afterAll, beforeAll } from 'vitest';
import { createVhost, type TestVhost } from '../../../support/rabbitmq';

export interface PlanExtra {
  owned?: string[];
  prune?: boolean;
  destroy?: boolean;
  target?: ConnectionTarget;
}

/** A vhost of the test file's own, with the driver's verbs on it. */
export interface Deploying {
  readonly vhost: TestVhost;
  readonly target: ConnectionTarget;
  /** The same broker without its management API. */
  readonly blind: ConnectionTarget;
  plan: (flow: Flow, extra?: PlanExtra) => Promise<{ brokerPlan: BrokerPlan; steps: Step[] }>;
  apply: (steps: Step[], target?: ConnectionTarget, signal?: AbortSignal) => Promise<Outcome[]>;
  /** Plans and applies. */
  deploy: (flow: Flow) => Promise<Outcome[]>;
  /** Removes every queue, exchange and policy. */
  empty: () => Promise<void>;
  /** Publishes to a queue and waits until it is there. */
  fill: (queue: string, count?: number) => Promise<void>;
  /** A target of a new user with these permissions. */
  user: (name: string, pattern: string, tags?: string) => Promise<ConnectionTarget>;
}

/** `create queue email` */
export const brief = (steps: readonly Step[]) =>
  steps.map(({ action, objectType, name }) => `${action} ${objectType} ${name}`);

/** Call inside `describe`. */
export function useDeploying(label: string): Deploying {
  let vhost: TestVhost;
  let target: ConnectionTarget;
  const users: string[] = [];
  beforeAll(async () => {
    vhost = await createVhost(label);
    target = { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl };
  });
  afterAll(async () => {
    for (const name of users) await vhost.management('DELETE', `/api/users/${name}`);
    await vhost?.remove();
  });

  const plan: Deploying['plan'] = (flow, extra = {}) =>
    rabbitmqDriver.plan(extra.target ?? target, {
      flow,
      owned: new Set(extra.owned),
      prune: extra.prune ?? false,
      destroy: extra.destroy,
    });
  const apply: Deploying['apply'] = async (steps, to = target, signal) => {
    const outcomes: Outcome[] = [];
    await rabbitmqDriver.apply(to, { steps, onOutcome: (outcome) => outcomes.push(outcome), signal });
    return outcomes;
  };
  return {
    get vhost() {
      return vhost;
    },
    get target() {
      return target;
    },
    get blind() {
      return { broker: 'main', url: vhost.url, managementUrl: 'http://127.0.0.1:9' };
    },
    plan,
    apply,
    deploy: async (flow) => apply((await plan(flow)).steps),
    empty: async () => {
      for (const kind of ['queues', 'exchanges', 'policies'] as const) {
        const path = `/api/${kind}/${vhost.encoded}`;
        for (const { name } of (await vhost.management('GET', path)) as { name: string }[])
          if (name && !name.startsWith('amq.'))
            await vhost.management('DELETE', `${path}/${encodeURIComponent(name)}`).catch(unlessGone);
      }
    },
    fill: async (queue, count = 1) => {
      const connection = await connect(vhost.url);
      const channel = await connection.createConfirmChannel();
      for (let index = 0; index < count; index++) channel.sendToQueue(queue, Buffer.from(`message ${index}`));
      await channel.waitForConfirms();
      await connection.close();
    },
    user: async (name, pattern, tags = 'management') => {
      const unique = `${name}-${vhost.vhost}`;
      users.push(unique);
      await vhost.management('PUT', `/api/users/${unique}`, { password: 'its-password', tags });
      const permissions = { configure: pattern, write: pattern, read: pattern };
      await vhost.management('PUT', `/api/permissions/${vhost.encoded}/${unique}`, permissions);
      const url = new URL(vhost.url);
      url.username = unique;
      url.password = 'its-password';
      return { ...target, url: url.href };
    },
  };
}

/** An auto-delete exchange may have gone with its last binding. */
function unlessGone(error: unknown): void {
  if (!String(error).includes(': 404')) throw error;
}
