import type { Flow, Json } from '@shared/flow/schema';
import { checkHandlers } from '@shared/kinds/common/check';
import { linkTypesBetween } from '@shared/kinds/registry';
import { describe, expect, it } from 'vitest';

/** A handler `router` with the outputs `email` (by name), `audit` (its target's) and these settings. */
function flowOf(settings: Record<string, Json>): Flow {
  const exchange = (name: string) => ({ type: 'rabbitmq.exchange', name, broker: 'main', settings: {} });
  return {
    format: 1,
    name: 'test',
    brokers: { main: { kind: 'rabbitmq', name: 'main', settings: {} } },
    nodes: { router: { type: 'handler', name: 'router', settings }, mail: exchange('mail'), audit: exchange('audit') },
    links: {
      one: { type: 'publish', from: { node: 'router' }, to: { node: 'mail' }, settings: { output: 'email' } },
      two: { type: 'publish', from: { node: 'router' }, to: { node: 'audit' }, settings: {} },
    },
    layout: { nodes: {} },
  };
}

const found = (route: Json, more: Record<string, Json> = {}) =>
  checkHandlers(flowOf({ behaviour: 'route', route, ...more })).map(({ code, field, severity }) => ({
    code,
    field,
    severity,
  }));

describe('checking handlers', () => {
  it('is content with rules that lead somewhere and a default', () => {
    expect(found({ rules: [{ type: 'email', output: 'email' }], defaultOutput: 'audit' })).toEqual([]);
  });

  it('finds rules that send to an output the handler does not have', () => {
    const problems = checkHandlers(
      flowOf({ behaviour: 'route', route: { rules: [{ type: 'a', output: 'mail' }], defaultOutput: 'nowhere' } }),
    );
    expect(problems.map(({ field, message }) => [field, message])).toEqual([
      [
        'settings.route.rules.0.output',
        'Rule 1 of “router” sends nowhere. The handler has no output “mail”: its outputs are “email”, “audit”.',
      ],
      [
        'settings.route.defaultOutput',
        'The default of “router” sends nowhere. The handler has no output “nowhere”: its outputs are “email”, “audit”.',
      ],
    ]);
  });

  it('finds rules after one that takes everything', () => {
    expect(
      found({
        rules: [
          { routingKey: '#', output: 'email' },
          { type: 'a', output: 'audit' },
        ],
      }),
    ).toEqual([{ code: 'route/unreachable-rule', field: 'settings.route.rules.1', severity: 'warning' }]);
  });

  it('hints at a missing default, unless the last rule takes all', () => {
    const hint = { code: 'route/no-default', field: 'settings.route.defaultOutput', severity: 'hint' };
    expect(found({ rules: [{ type: 'a', output: 'email' }] })).toEqual([hint]);
    expect(found({ rules: [{ output: 'email' }] })).toEqual([]);
  });

  it('finds paths that cannot be read', () => {
    const rules = [{ output: 'email', body: [{ path: 'a[', is: 'exists' }] }];
    expect(found({ rules, defaultOutput: 'audit' })).toEqual([
      { code: 'route/unreadable-path', field: 'settings.route.rules.0.body.0.path', severity: 'error' },
    ]);
  });

  it('finds scripts that cannot be read, with the place', () => {
    const problems = checkHandlers(flowOf({ behaviour: 'script', script: { code: 'ctx.log(1)\nif (' } }));
    expect(problems.map(({ code, field }) => [code, field])).toEqual([['script/syntax', 'settings.script.code']]);
    expect(problems[0]?.message).toMatch(/^The script of “router” cannot be read: .* \(line 2/);
    expect(checkHandlers(flowOf({ behaviour: 'script' }))).toEqual([]);
  });

  it.each<[Json, string[]]>([
    [{ url: 'https://a/' }, []],
    [{ url: 'https://{{var.HOST}}/x', successStatuses: '200-299, 404', responseOutput: 'audit' }, []],
    [{}, ['http/no-url']],
    [{ url: 'a.example' }, ['http/no-url']],
    [{ url: 'https://a/{{secret:K}}' }, ['http/placeholder']],
    [{ url: 'https://a/', successStatuses: 'ok', responseOutput: 'gone' }, ['http/statuses', 'http/no-such-output']],
  ])('finds in the http settings %j: %j', (http, codes) => {
    expect(checkHandlers(flowOf({ behaviour: 'http', http })).map(({ code }) => code)).toEqual(codes);
  });

  it('says nothing of handlers that run elsewhere or behave otherwise', () => {
    const route = { rules: [{ output: 'nowhere' }] };
    expect(found(route, { runsIn: 'elsewhere' })).toEqual([]);
    expect(found(route, { behaviour: 'log' })).toEqual([]);
  });
});

describe('links of a handler', () => {
  it.each(['rabbitmq.exchange', 'rabbitmq.queue'])('may publish to %s', (target) => {
    expect(linkTypesBetween('handler', target).map(({ type }) => type)).toEqual(['publish']);
  });
});
