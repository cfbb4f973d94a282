import type { Json } from '@shared/flow/schema';
import {
  compileHeaders,
  type HeadersMatcher,
  matchCompiledHeaders,
  matchTopic,
} from '@shared/kinds/rabbitmq/route/match';
import { z } from 'zod';
import { type BodyTest, bodyTestSchema, compileBodyTest } from './body-test';

const headersTable = z.record(z.string(), z.json());

/** One rule: every condition that is set must hold; without any it takes all that is left. Empty texts are not set. */
export const routeRuleSchema = z.looseObject({
  /** What the route is called in counters. Default: its output. */
  name: z.string().optional(),
  /** AMQP topic pattern: `*` is one word between dots, `#` any number; without them the key must be equal. */
  routingKey: z.string().optional(),
  /** Message type, equal. */
  type: z.string().optional(),
  /** As a headers binding; without `x-match` all of them must match, those that begin with `x-` too. */
  headers: headersTable.optional(),
  body: z.array(bodyTestSchema).optional(),
  /** Name of the output that the message leaves by. */
  output: z.string().default(''),
});

/** Settings `route` of a handler. */
export const routeSettingsSchema = z.looseObject({
  /** The first that matches decides. */
  rules: z.array(routeRuleSchema).default([]),
  /** Output of messages that no rule takes. Absent or empty: they end here, counted as unmatched. */
  defaultOutput: z.string().optional(),
});

export type RouteRule = z.infer<typeof routeRuleSchema>;
export type RouteSettings = z.infer<typeof routeSettingsSchema>;

/** What rules look at. */
export interface RoutedMessage {
  routingKey: string;
  type?: string;
  headers: Record<string, Json>;
  /** The body as JSON, undefined when it is none; asked at most once, and only by rules that need it. */
  body: () => Json | undefined;
}

/** Where a message goes; null when no rule takes it and there is no default. */
export type RouteDecision = { route: string; output: string } | null;

/** Name of the route that the default output makes. */
export const DEFAULT_ROUTE = 'default';

/** What a rule is called: its name, else its output. */
export function routeName(rule: RouteRule): string {
  return rule.name?.trim() || rule.output;
}

/** Does a rule take every message, so that none comes to those after it? */
export function isCatchAll({ routingKey, type, headers, body }: RouteRule): boolean {
  const anyKey = !routingKey || routingKey.split('.').every((word) => word === '#');
  return anyKey && !type && Object.keys(headers ?? {}).length === 0 && (body ?? []).length === 0;
}

interface CompiledRule {
  decision: { route: string; output: string };
  routingKey: string | undefined;
  type: string | undefined;
  headers: HeadersMatcher | undefined;
  body: BodyTest[];
}

function compileRule(rule: RouteRule): CompiledRule {
  const table = rule.headers ?? {};
  const hasHeaders = Object.keys(table).length > 0;
  return {
    decision: { route: routeName(rule), output: rule.output },
    routingKey: rule.routingKey || undefined,
    type: rule.type || undefined,
    // A binding without `x-match` would not look at names that begin with `x-`; a rule that names one means it.
    headers: hasHeaders ? compileHeaders({ 'x-match': 'all-with-x', ...table }) : undefined,
    body: (rule.body ?? []).map(compileBodyTest),
  };
}

function takes(
  { routingKey, type, headers, body }: CompiledRule,
  message: RoutedMessage,
  json: () => Json | undefined,
) {
  if (routingKey !== undefined && !matchTopic(routingKey, message.routingKey)) return false;
  if (type !== undefined && type !== message.type) return false;
  if (headers !== undefined && !matchCompiledHeaders(headers, message.headers)) return false;
  return body.length === 0 || body.every((test) => test(json()));
}

/** Compiles rules once, for thousands of messages a second. Pure. */
export function compileRoutes({ rules, defaultOutput }: RouteSettings): (message: RoutedMessage) => RouteDecision {
  const compiled = rules.map(compileRule);
  const otherwise = defaultOutput ? { route: DEFAULT_ROUTE, output: defaultOutput } : null;
  return (message) => {
    let parsed: { value: Json | undefined } | undefined;
    const json = () => {
      parsed ??= { value: message.body() };
      return parsed.value;
    };
    return compiled.find((rule) => takes(rule, message, json))?.decision ?? otherwise;
  };
}
