import type { Json } from '@shared/flow/schema';
import { compileRoutes, routeSettingsSchema } from '@shared/kinds/common/route';
import type { CreateBehaviour } from '../behaviour';
import { linksByName, missingOutput } from '../outputs';
import { readSettings } from '../settings';

/** Sends each message on by the first rule that takes it; see shared/kinds/common/route.ts. */
export const createRoute: CreateBehaviour = async ({ settings, outputs }) => {
  const route = readSettings(routeSettingsSchema, settings, 'route');
  const links = linksByName(outputs);
  const wanted = [...route.rules.map(({ output }) => output), ...(route.defaultOutput ? [route.defaultOutput] : [])];
  for (const output of wanted) if (!links.has(output)) throw missingOutput(output, links);
  const decide = compileRoutes(route);
  return {
    async handle(message) {
      const { routingKey, type, headers } = message;
      const decision = decide({ routingKey, type, headers, body: () => parseJson(message.body) });
      if (!decision) return { forwards: [], logs: [], route: null };
      const forwards = (links.get(decision.output) ?? []).map((link) => ({ link, body: message.body }));
      return { forwards, logs: [], route: decision.route };
    },
    async close() {},
  };
};

function parseJson(body: Buffer): Json | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}
