// What the tests need beside npm packages, and how it comes onto a bare Debian or Ubuntu machine.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

function onPath(...programs) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return programs.some((program) => folders.some((folder) => existsSync(join(folder, program))));
}

const PREREQUISITES = [
  {
    what: 'a RabbitMQ',
    packages: ['rabbitmq-server'],
    isUnwanted: () => process.env.TAPLINE_TEST_RABBITMQ_URL === 'none',
    isThere: () =>
      Boolean(process.env.TAPLINE_TEST_RABBITMQ_URL) ||
      existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server') ||
      onPath('rabbitmq-server'),
  },
  {
    what: 'a Redis',
    packages: ['redis-server'],
    isUnwanted: () => process.env.TAPLINE_TEST_REDIS_URL === 'none',
    isThere: () => Boolean(process.env.TAPLINE_TEST_REDIS_URL) || onPath('redis-server'),
  },
  {
    what: 'a Chromium',
    packages: ['chromium', 'fonts-dejavu-core'],
    isThere: () =>
      Boolean(process.env.TAPLINE_TEST_CHROMIUM) || onPath('chromium', 'chromium-browser', 'google-chrome'),
  },
];

const POLICY = '/usr/sbin/policy-rc.d';

/** Installs with apt-get; package scripts may not start services, since tests run brokers of their own. */
export function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const guard = !existsSync(POLICY);
  if (guard) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env };
    spawnSync('apt-get', ['update', '-qq'], quiet);
    return spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet).status === 0;
  } finally {
    if (guard) rmSync(POLICY, { force: true });
  }
}

function mayInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !onPath('apt-get')) return false;
  try {
    accessSync('/usr/sbin', constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs what is missing where that is possible, unless the environment says to do without; returns what stays missing, and why. */
export function installMissing() {
  const unwanted = PREREQUISITES.filter((item) => item.isUnwanted?.());
  const without = unwanted.map(({ what }) => ({ what, why: 'the environment says to do without' }));
  const wanted = PREREQUISITES.filter((item) => !unwanted.includes(item) && !item.isThere());
  if (wanted.length === 0) return without;
  const packages = wanted.flatMap((item) => item.packages);
  if (!mayInstall()) {
    const notFound = wanted.map(({ what, packages: names }) => ({
      what,
      why: `not found; install ${names[0]} or name one in the environment, see the README`,
    }));
    return [...without, ...notFound];
  }
  console.log(`Installing with apt-get for the tests: ${packages.join(', ')}`);
  aptInstall(packages);
  const failed = wanted.filter((item) => !item.isThere());
  return [...without, ...failed.map(({ what }) => ({ what, why: 'apt-get could not install it' }))];
}
