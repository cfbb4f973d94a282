import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../support/ports';
import { findRabbitHome, type PrivateRabbit, startPrivateRabbit } from '../../../support/private-rabbitmq';
import { hasRabbit } from '../../../support/rabbitmq';
import { tempFolder } from '../../../support/temp-folder';
import { type Certificates, hasOpenssl, makeCertificates } from './certificates';
import { useDeploying } from './deploying';
import { draw, ORDERS } from './flows';

const folder = tempFolder();

describe.skipIf(!hasRabbit)('connecting', () => {
  const on = useDeploying('connect');

  it.each([
    ['amqp://guest:wr0ng@HOST/VHOST', 'connect/credentials'],
    ['amqp://guest:guest@HOST/no-such-vhost', 'connect/vhost'],
    ['amqp://guest:guest@127.0.0.1:9/', 'connect/refused'],
    ['amqp://guest:guest@no-such-host.invalid/', 'connect/unknown-host'],
    ['amqps://guest:guest@HOST/', 'connect/tls'],
    ['http://127.0.0.1', 'connect/bad-url'],
    ['amqp://guest:guest@a b/', 'connect/bad-url'],
    ['amqp://guest:guest@HOST/?heartbeat=often', 'connect/bad-url'],
  ])('what fails says why in one sentence, without the password: %s', async (url, code) => {
    const real = url.replace('HOST', new URL(on.vhost.url).host).replace('VHOST', on.vhost.encoded);
    const broken: ConnectionTarget = { broker: 'main', url: real, managementUrl: 'http://127.0.0.1:9' };
    const error = await on.plan(draw(ORDERS), { target: broken }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'Failure', code });
    expect(String(error)).not.toContain('wr0ng');
  });

  it('a port that accepts and says nothing is given up', async () => {
    const mute = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const target = { broker: 'main', url: `amqp://127.0.0.1:${port}`, managementUrl: 'http://127.0.0.1:9' };
    await expect(on.plan(draw(ORDERS), { target })).rejects.toMatchObject({ code: 'connect/timeout' });
    mute.close();
  });

  it('the first host that answers is taken', async () => {
    const url = on.vhost.url.replace('@', '@127.0.0.1:9,');
    expect(await rabbitmqDriver.test({ ...on.target, url })).toMatchObject({ ok: true });
  });

  it('the test tells version, cluster and how the management API is', async () => {
    const report = await rabbitmqDriver.test(on.target);
    expect(report).toMatchObject({ ok: true, management: { ok: true } });
    expect(report.version).toMatch(/^\d+\.\d+/);
    expect(report.clusterName).toBeTruthy();
  });

  it('the facts name exchange types, policies and what is switched on', async () => {
    await on.vhost.management('PUT', `/api/policies/${on.vhost.encoded}/some`, {
      pattern: '^x',
      definition: { expires: 9 },
    });
    const facts = await rabbitmqDriver.facts(on.target);
    expect(facts.exchangeTypes).toContain('topic');
    expect(facts.defaultVhost).toBe(on.vhost.vhost);
    expect(facts.policies?.find(({ vhost }) => vhost === on.vhost.vhost)).toMatchObject({
      name: 'some',
      pattern: '^x',
    });
    expect(facts.featureFlags).toContain('quorum_queue');
    expect((await rabbitmqDriver.facts(on.blind)).version).toBe(facts.version);
  });

  it.each([
    ['wrong-password', 'refuses user or password'],
    ['not-management', 'is not RabbitMQ’s management API'],
    ['nothing', 'does not answer'],
    ['ftp', 'must begin with http:// or https://'],
  ])('a management API that cannot be used is told apart: %s', async (what, sentence) => {
    const other = createHttpServer((_, response) => response.end('<html>hello</html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { host } = new URL(on.vhost.managementUrl);
    const urls: Record<string, string> = {
      'wrong-password': `http://guest:wr0ng@${host}`,
      'not-management': `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
      nothing: 'http://127.0.0.1:9',
      ftp: 'ftp://127.0.0.1',
    };
    const report = await rabbitmqDriver.test({ ...on.target, managementUrl: urls[what] });
    other.close();
    expect(report.ok).toBe(true);
    expect(report.management).toMatchObject({ ok: false });
    expect(report.management?.message).toContain(sentence);
    expect(report.management?.message).not.toContain('wr0ng');
  });
});

describe.skipIf(!findRabbitHome() || !hasOpenssl())('connecting with TLS', () => {
  let broker: PrivateRabbit;
  let certificates: Certificates;
  let url: string;
  let managementUrl: string;
  beforeAll(async () => {
    certificates = makeCertificates(folder);
    const { ca, server } = certificates;
    const [port, managementPort] = [await freePort(), await freePort()];
    const files = (prefix: string) => [
      `${prefix}.cacertfile = ${ca}`,
      `${prefix}.certfile = ${server.cert}`,
      `${prefix}.keyfile = ${server.key}`,
    ];
    broker = await startPrivateRabbit({
      plugins: ['rabbitmq_auth_mechanism_ssl'],
      config: [
        `listeners.ssl.1 = 127.0.0.1:${port}`,
        ...files('ssl_options'),
        'ssl_options.verify = verify_peer',
        'ssl_options.fail_if_no_peer_cert = false',
        'auth_mechanisms.1 = PLAIN',
        'auth_mechanisms.2 = EXTERNAL',
        'ssl_cert_login_from = common_name',
        `management.ssl.port = ${managementPort}`,
        'management.ssl.ip = 127.0.0.1',
        ...files('management.ssl'),
      ].join('\n'),
    });
    url = `amqps://guest:guest@127.0.0.1:${port}`;
    managementUrl = `https://127.0.0.1:${managementPort}`;
  });
  afterAll(() => broker?.stop());
  const check = (target: Partial<ConnectionTarget>) =>
    rabbitmqDriver.test({ broker: 'main', url, managementUrl, ...target });

  it('with the CA file both AMQP and the management API are trusted', async () => {
    const tls = { caFile: certificates.ca, verify: true };
    expect(await check({ tls })).toMatchObject({ ok: true, management: { ok: true } });
    const flow = draw(ORDERS);
    const target = { broker: 'main', url, managementUrl, tls };
    const { steps } = await rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false });
    await rabbitmqDriver.apply(target, { steps, onOutcome: ({ outcome }) => expect(outcome).toBe('done') });
    expect((await rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false })).steps).toEqual([]);
  });

  it.each([
    ['no CA file', () => undefined, 'CA file'],
    ['another CA file', () => ({ caFile: certificates.otherCa, verify: true }), 'CA file'],
    [
      'another server name',
      () => ({ caFile: certificates.ca, verify: true, serverName: 'elsewhere.example' }),
      'server name',
    ],
  ])('%s: the certificate is not trusted, and the hint says what to give', async (_, tls, hint) => {
    const report = await check({ tls: tls() });
    expect(report).toMatchObject({ ok: false, management: { ok: false } });
    expect(report.message).toContain('certificate');
    expect(report.hint).toContain(hint);
  });

  it('a URL without TLS to a port with it is told so', async () => {
    const report = await check({ url: url.replace('amqps:', 'amqp:') });
    expect(report).toMatchObject({ ok: false });
    expect(report.hint).toContain('amqps://');
  });

  it('unverified it connects, if that was asked for', async () => {
    expect(await check({ tls: { verify: false } })).toMatchObject({ ok: true });
  });

  it('a client certificate says who it is', async () => {
    const headers = { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` };
    const put = (path: string, body: unknown) =>
      fetch(broker.managementUrl + path, { method: 'PUT', headers, body: JSON.stringify(body) });
    await put('/api/users/tapline-client', { password: 'unused', tags: '' });
    await put('/api/permissions/%2F/tapline-client', { configure: '.*', write: '.*', read: '.*' });
    const { ca, client } = certificates;
    const tls = { caFile: ca, certFile: client.cert, keyFile: client.key, verify: true };
    const external = `${url.replace('guest:guest@', '')}/?auth_mechanism=external`;
    expect(await check({ url: external, tls })).toMatchObject({ ok: true });
    const refused = await check({ url: external, tls: { caFile: ca, verify: true } });
    expect(refused.ok).toBe(false);
    expect(refused.message).toContain('certificate');
  });

  it('a file that cannot be read is named', async () => {
    const tls = { caFile: '/nowhere/ca.pem', verify: true };
    expect((await check({ tls })).message).toBe('The CA file /nowhere/ca.pem cannot be read.');
  });

  it('a file that is not what it should be is named, in the test and in a plan', async () => {
    const { ca, otherCa, client } = certificates;
    const refusals: [ConnectionTarget['tls'], string][] = [
      [{ caFile: client.key, verify: true }, `The CA file ${client.key} holds no certificate (PEM).`],
      [
        { caFile: ca, certFile: client.cert, verify: true },
        `The client certificate ${client.cert} needs the file of its key.`,
      ],
      [
        { caFile: ca, keyFile: client.key, verify: true },
        `The client key ${client.key} needs the file of its certificate.`,
      ],
      [
        { caFile: ca, certFile: otherCa, keyFile: client.key, verify: true },
        `The client key ${client.key} does not belong to the certificate ${otherCa}, or is not a key (PEM, without a passphrase).`,
      ],
    ];
    for (const [tls, message] of refusals) {
      expect(await check({ tls })).toMatchObject({ ok: false, message });
      const target = { broker: 'main', url, managementUrl, tls };
      await expect(
        rabbitmqDriver.plan(target, { flow: draw(ORDERS), owned: new Set(), prune: false }),
      ).rejects.toMatchObject({ code: 'connect/tls-file' });
    }
  });
});
