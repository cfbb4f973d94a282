import type { TestProject } from 'vitest/node';
import { startSandbox } from '../../src/main/sandbox/rabbitmq/sandbox';
import { findRabbitHome, startPrivateRabbit } from './private-rabbitmq';

declare module 'vitest' {
  interface ProvidedContext {
    /** The broker shared by the run: a RabbitMQ, or a sandbox and why there is no RabbitMQ. */
    rabbitmq: { url: string; managementUrl: string; missing?: string };
  }
}

/**
 * Starts one RabbitMQ for the whole run unless `TAPLINE_TEST_RABBITMQ_URL` names one; test files take a vhost each.
 * `TAPLINE_TEST_RABBITMQ_ROOT` takes it from the Debian in that folder (see run-rabbitmq4.mjs). Where there is none, or the URL
 * is `none`, a sandbox takes its place, and what is about RabbitMQ's own behaviour is skipped.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const url = process.env.TAPLINE_TEST_RABBITMQ_URL;
  if (url && url !== 'none') {
    const { hostname, protocol } = new URL(url);
    const managementUrl =
      process.env.TAPLINE_TEST_RABBITMQ_MANAGEMENT_URL ??
      `${protocol === 'amqps:' ? 'https' : 'http'}://${hostname}:15672`;
    project.provide('rabbitmq', { url, managementUrl });
    return undefined;
  }
  const root = process.env.TAPLINE_TEST_RABBITMQ_ROOT;
  if (url === 'none' || (!root && !findRabbitHome())) {
    const missing =
      url === 'none'
        ? 'TAPLINE_TEST_RABBITMQ_URL is none'
        : 'no rabbitmq-server on this machine and TAPLINE_TEST_RABBITMQ_URL is not set';
    console.log(`No RabbitMQ: ${missing}. Its own behaviour is not tested; a sandbox serves the other tests.`);
    // Tests look for it where it must not be: no word that they use themselves.
    const password = 'password-of-the-shared-sandbox';
    const sandbox = await startSandbox({ user: 'tester', password });
    project.provide('rabbitmq', {
      url: `amqp://tester:${password}@127.0.0.1:${sandbox.amqpPort}`,
      managementUrl: `http://127.0.0.1:${sandbox.managementPort}`,
      missing,
    });
    return sandbox.close;
  }
  const broker = await startPrivateRabbit(root ? { root } : {});
  project.provide('rabbitmq', { url: broker.url, managementUrl: broker.managementUrl });
  return broker.stop;
}
