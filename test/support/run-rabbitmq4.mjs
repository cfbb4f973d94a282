// `npm run test:rabbitmq4`: the conformance tests against RabbitMQ 4.0, with the sandbox in its 4.0 mode. That version
// is in Debian 13, which is unpacked once into a cache folder and entered with chroot: Linux, root and debootstrap needed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { aptInstall } from './prerequisites.mjs';

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tapline');
const root = join(cache, 'rabbitmq4');

function skip(reason) {
  console.log(`skipped: the tests against RabbitMQ 4.0 (${reason})`);
  process.exit(0);
}

const has = (program) => spawnSync('which', [program], { stdio: 'ignore' }).status === 0;

/** The mirror this machine's apt uses, or Debian's own. */
function debianMirror() {
  for (const file of ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list']) {
    const uri = existsSync(file) && /^(?:URIs: |deb )(https?:\S+)/m.exec(readFileSync(file, 'utf8'));
    if (uri) return uri[1];
  }
  return 'http://deb.debian.org/debian';
}

/** Unpacks Debian 13 with RabbitMQ; into a folder beside first, so that a half done one is never used. */
function unpack() {
  console.log(`Unpacking Debian 13 with RabbitMQ 4.0 into ${root} (about 370 MB, once)`);
  const part = `${root}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  const args = ['--variant=minbase', '--include=rabbitmq-server', 'trixie', part, debianMirror()];
  if (spawnSync('debootstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)
    skip('debootstrap could not unpack Debian 13');
  renameSync(part, root);
}

if (process.platform !== 'linux') skip('needs Linux');
if (process.getuid?.() !== 0) skip('needs root, for chroot');
if (!existsSync(join(root, 'usr/lib/rabbitmq/bin/rabbitmq-server'))) {
  if (!has('debootstrap') && has('apt-get')) aptInstall(['debootstrap']);
  if (!has('debootstrap')) skip('needs debootstrap');
  unpack();
}

const { TAPLINE_TEST_RABBITMQ_URL: _url, ...env } = process.env;
const run = spawnSync('npx', ['vitest', 'run', 'test/conformance/rabbitmq', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...env, TAPLINE_TEST_RABBITMQ_ROOT: root },
});
process.exit(run.status ?? 1);
