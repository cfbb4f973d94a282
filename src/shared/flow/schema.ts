import { z } from 'zod';

/** Newest document format this build reads and writes; older ones are migrated, newer ones refused. */
export const FLOW_FORMAT = 1;

const id = z.string().min(1).max(200);
const name = z.string().max(2000);

/** Anything JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
const json: z.ZodType<Json> = z.json() as z.ZodType<Json>;

/**
 * Who looks after the object in the broker. `managed`: Tapline deploys it; `referenced`: it must exist and is never
 * changed; `ignored`: drawn for reading only. Default `managed`.
 */
export const ownershipSchema = z.enum(['managed', 'referenced', 'ignored']);
export type Ownership = z.infer<typeof ownershipSchema>;

export const brokerSchema = z.looseObject({
  kind: z.string().min(1),
  name,
  /** Kind-specific: for RabbitMQ vhosts, policies, operator policies, parameters (see kinds/rabbitmq/schema.ts). */
  settings: z.record(z.string(), json).default({}),
  /** Which part of the broker this flow speaks about; absent means all of the vhosts drawn. */
  scope: z.looseObject({ vhosts: z.array(z.string()).optional(), names: z.string().optional() }).optional(),
  extra: z.record(z.string(), json).optional(),
});

export const nodeSchema = z.looseObject({
  /** Open string owned by a descriptor: `rabbitmq.queue`, `publisher`, … Unknown types are kept and shown as such. */
  type: z.string().min(1),
  name,
  /** The broker the object lives in; absent for publishers and handlers, which live in Tapline or elsewhere. */
  broker: id.optional(),
  ownership: ownershipSchema.optional(),
  settings: z.record(z.string(), json).default({}),
  /** The name last deployed, when it was renamed since: a rename is a new object in the broker. */
  formerName: name.optional(),
  notes: z.string().optional(),
  extra: z.record(z.string(), json).optional(),
});

/** An end of a link: a drawn node, or an object of a broker that is named but not drawn (dangling, `amq.*`, default exchange `""`). */
export const linkEndSchema = z.union([
  z.strictObject({ node: id }),
  z.strictObject({ name, vhost: z.string().optional(), objectType: z.enum(['exchange', 'queue']) }),
]);
export type LinkEnd = z.infer<typeof linkEndSchema>;

export const linkSchema = z.looseObject({
  /** Open string owned by a descriptor: `binding`, `consume`, `publish`, `dead-letter`, `alternate`. */
  type: z.string().min(1),
  from: linkEndSchema,
  to: linkEndSchema,
  /** Only needed when neither end is a drawn node. */
  broker: id.optional(),
  settings: z.record(z.string(), json).default({}),
  notes: z.string().optional(),
  extra: z.record(z.string(), json).optional(),
});

export const positionSchema = z.strictObject({ x: z.number(), y: z.number() });

export const flowSchema = z.looseObject({
  format: z.literal(FLOW_FORMAT),
  /** Given at birth and kept through renames and moves: ledgers know a flow by it. A flow without one is known by its name. */
  id: id.optional(),
  name,
  description: z.string().optional(),
  brokers: z.record(id, brokerSchema).default({}),
  nodes: z.record(id, nodeSchema).default({}),
  links: z.record(id, linkSchema).default({}),
  layout: z.looseObject({ nodes: z.record(id, positionSchema).default({}) }).default({ nodes: {} }),
});

export type Broker = z.infer<typeof brokerSchema>;
export type FlowNode = z.infer<typeof nodeSchema>;
export type FlowLink = z.infer<typeof linkSchema>;
export type Position = z.infer<typeof positionSchema>;
export type Flow = z.infer<typeof flowSchema>;

/** An empty flow with one RabbitMQ broker called `main`. */
export function emptyFlow(flowName = 'Untitled'): Flow {
  return {
    format: FLOW_FORMAT,
    name: flowName,
    brokers: { main: { kind: 'rabbitmq', name: 'RabbitMQ', settings: {} } },
    nodes: {},
    links: {},
    layout: { nodes: {} },
  };
}

/** The drawn node id at a link end, or undefined for an object that is only named. */
export function endNode(end: LinkEnd): string | undefined {
  return 'node' in end ? end.node : undefined;
}
