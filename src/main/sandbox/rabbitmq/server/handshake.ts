import type { SandboxBroker } from '../broker/broker';
import { closesConnection, SilentClose } from '../broker/errors';
import type { Method, MethodArguments } from '../codec/methods';
import { decodeTable, type FieldTable } from '../codec/table';
import type { Connection } from './connection';
import { MIN_FRAME_MAX } from './frame-reader';

/** `AMQP`, 0, version 0-9-1. */
const PROTOCOL_HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1');

const FRAME_MAX = 131_072;
const HEARTBEAT_SECONDS = 60;

const CAPABILITIES = {
  publisher_confirms: true,
  exchange_exchange_bindings: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  consumer_priorities: true,
  authentication_failure_close: true,
  per_consumer_qos: true,
  direct_reply_to: true,
};

/** From the protocol header to connection.open-ok: credentials, limits, vhost. */
export class Handshake {
  hasHeader = false;
  user = '';
  clientProperties: FieldTable = {};
  frameMax = FRAME_MAX;
  channelMax: number;
  heartbeatSeconds = HEARTBEAT_SECONDS;
  private stage: 'start' | 'tune' | 'open' | 'done' = 'start';
  private header = Buffer.alloc(0);

  constructor(
    private readonly connection: Connection,
    private readonly broker: SandboxBroker,
    private readonly product: string,
  ) {
    this.channelMax = broker.limits.maxChannelsPerConnection;
  }

  /** Takes the first bytes; answers what follows the header, or that it is not one. */
  readHeader(chunk: Buffer): Buffer | undefined | 'mismatch' {
    this.header = Buffer.concat([this.header, chunk]);
    if (!PROTOCOL_HEADER.subarray(0, this.header.length).equals(this.header.subarray(0, PROTOCOL_HEADER.length)))
      return 'mismatch';
    if (this.header.length < PROTOCOL_HEADER.length) return undefined;
    this.hasHeader = true;
    this.connection.sendMethod(0, 'connection.start', {
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: {
        product: this.product,
        version: this.broker.behaviour.serverVersion,
        cluster_name: this.broker.clusterName,
        platform: 'Tapline sandbox: for designing and testing, not for production',
        capabilities: CAPABILITIES,
      },
      mechanisms: Buffer.from('PLAIN AMQPLAIN'),
      locales: Buffer.from('en_US'),
    });
    return this.header.subarray(PROTOCOL_HEADER.length);
  }

  hasCapability(name: string): boolean {
    const capabilities = this.clientProperties.capabilities;
    return (
      typeof capabilities === 'object' &&
      capabilities !== null &&
      !Array.isArray(capabilities) &&
      capabilities[name] === true
    );
  }

  onMethod(method: Method): void {
    if (this.stage === 'start' && method.name === 'connection.start-ok') this.authenticate(method.args);
    else if (this.stage === 'tune' && method.name === 'connection.tune-ok') this.tune(method.args);
    else if (this.stage === 'open' && method.name === 'connection.open') this.open(method.args.virtualHost);
    else throw new SilentClose(`unexpected method ${method.name} during the handshake`);
  }

  private authenticate({ clientProperties, mechanism, response }: MethodArguments<'connection.start-ok'>): void {
    this.clientProperties = clientProperties;
    const credentials = readCredentials(mechanism, response);
    if (!credentials) throw new SilentClose(`unknown authentication mechanism '${mechanism}'`);
    const [user, password] = credentials;
    if (this.broker.users.get(user) !== password) {
      const sentence = `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`;
      if (!this.hasCapability('authentication_failure_close')) throw new SilentClose(sentence);
      this.connection.close(closesConnection(403, sentence), { namesMethod: false });
      return;
    }
    this.user = user;
    this.stage = 'tune';
    this.connection.sendMethod(0, 'connection.tune', {
      channelMax: this.channelMax,
      frameMax: FRAME_MAX,
      heartbeat: HEARTBEAT_SECONDS,
    });
  }

  private tune({ channelMax, frameMax, heartbeat }: MethodArguments<'connection.tune-ok'>): void {
    if (frameMax > FRAME_MAX || frameMax < MIN_FRAME_MAX)
      throw new SilentClose(`frame_max = ${frameMax} is not between ${MIN_FRAME_MAX} and ${FRAME_MAX}`);
    if (channelMax === 0 || channelMax > this.channelMax)
      throw new SilentClose(`channel_max = ${channelMax} is not between 1 and ${this.channelMax}`);
    this.frameMax = frameMax;
    this.channelMax = channelMax;
    this.heartbeatSeconds = heartbeat;
    this.stage = 'open';
  }

  private open(name: string): void {
    const vhost = this.broker.vhosts.get(name);
    if (!vhost) throw closesConnection(530, `vhost ${name} not found`);
    this.stage = 'done';
    this.connection.open(vhost);
    this.connection.sendMethod(0, 'connection.open-ok', {});
  }
}

/** User and password of PLAIN or AMQPLAIN; undefined for other mechanisms. */
function readCredentials(mechanism: string, response: Buffer): [string, string] | undefined {
  if (mechanism === 'PLAIN') {
    const [, user = '', password = ''] = response.toString().split('\0');
    return [user, password];
  }
  if (mechanism !== 'AMQPLAIN') return undefined;
  const table = decodeTable(response, 0, response.length);
  return [String(table.LOGIN ?? ''), String(table.PASSWORD ?? '')];
}
