import { z } from 'zod';

/** TLS files are paths on the engine's machine. */
export const tlsSchema = z.object({
  caFile: z.string().optional(),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
  /** Default true. False is shown as a warning wherever the connection is. */
  verify: z.boolean().default(true),
  serverName: z.string().optional(),
});

/** Where a broker of the flow really is. URLs never hold a password: the host's secret store does. */
export const connectionSchema = z.object({
  /** `amqp(s)://user@host:5672/vhost?heartbeat=10`; several hosts separated by commas. */
  url: z.string(),
  managementUrl: z.string().optional(),
  tls: tlsSchema.optional(),
  /** True if the host's secret store has a password for it. */
  hasSecret: z.boolean().default(false),
});
export type Connection = z.infer<typeof connectionSchema>;

/** Id of the environment made of `--connect` and `TAPLINE_CONNECT_…`; it is never stored and cannot be edited. */
export const GIVEN_ENVIRONMENT = 'given';

/** Id of the built-in environment of the embedded brokers: there at once, nothing to install; it cannot be edited or removed. */
export const SANDBOX_ENVIRONMENT = 'sandbox';

/** `open`: anything goes; `confirm`: changes need the environment's name typed; `read-only`: the engine refuses every change. */
export const protectionSchema = z.enum(['open', 'confirm', 'read-only']);
export type Protection = z.infer<typeof protectionSchema>;

/** A named set of connections. Kept by the host, never in the flow. */
export const environmentSchema = z.object({
  id: z.string(),
  name: z.string().min(1),
  protection: protectionSchema.default('open'),
  /** Deploying to a cluster of another name is refused. */
  expectedCluster: z.string().optional(),
  /** May Tapline's own handlers consume here? Default false outside the sandbox: consuming takes messages from real services. */
  allowRun: z.boolean().default(false),
  /** By broker id of the flow. */
  connections: z.record(z.string(), connectionSchema).default({}),
  variables: z.record(z.string(), z.string()).default({}),
});
export type Environment = z.infer<typeof environmentSchema>;

/** Answer of the test button. */
export interface ConnectionReport {
  ok: boolean;
  /** One sentence for the user. */
  message: string;
  hint?: string;
  version?: string;
  clusterName?: string;
  latencyMs?: number;
  management: { ok: boolean; message: string };
}
