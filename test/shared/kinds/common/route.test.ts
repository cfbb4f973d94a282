import type { Json } from '@shared/flow/schema';
import { compileRoutes, type RoutedMessage, type RouteRule, routeSettingsSchema } from '@shared/kinds/common/route';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routingKey, seed, topicPattern } from '../rabbitmq/route/arbitraries';

const message = (part: Partial<RoutedMessage> & { json?: Json } = {}): RoutedMessage => ({
  routingKey: '',
  headers: {},
  body: () => part.json,
  ...part,
});

const routes = (rules: Partial<RouteRule>[], defaultOutput?: string) =>
  compileRoutes(routeSettingsSchema.parse({ rules, ...(defaultOutput && { defaultOutput }) }));

const outputFor = (rules: Partial<RouteRule>[], of: Parameters<typeof message>[0], defaultOutput?: string) =>
  routes(rules, defaultOutput)(message(of))?.output;

const holds = (path: string, is: string, value: Json, json: Json | undefined) =>
  outputFor(
    [{ body: [{ path, is, value }] as RouteRule['body'], output: 'yes' }],
    json === undefined ? {} : { json },
  ) === 'yes';

describe('route rules', () => {
  it('route by message type as the MessageRouter of the patterns document does', () => {
    const route = routes([
      { type: 'email', output: 'email' },
      { type: 'notification', output: 'notifications' },
    ]);
    expect([route(message({ type: 'email' })), route(message({ type: 'notification' }))]).toEqual([
      { route: 'email', output: 'email' },
      { route: 'notifications', output: 'notifications' },
    ]);
    expect(route(message({ type: 'sms' }))).toBeNull();
    expect(route(message())).toBeNull();
  });

  it('are tried in order: the first that matches decides', () => {
    const rules = [
      { routingKey: 'order.created', output: 'first' },
      { routingKey: 'order.*', output: 'second' },
      { output: 'rest' },
    ];
    expect(['order.created', 'order.paid', 'invoice'].map((key) => outputFor(rules, { routingKey: key }))).toEqual([
      'first',
      'second',
      'rest',
    ]);
  });

  it('fall back to the default output, which is a route of its own', () => {
    expect(routes([{ type: 'email', output: 'email' }], 'rest')(message())).toEqual({
      route: 'default',
      output: 'rest',
    });
  });

  it('need all their conditions', () => {
    const rules = [{ routingKey: 'order.#', type: 'OrderCreated', headers: { region: 'eu' }, output: 'yes' }];
    const all = { routingKey: 'order.created', type: 'OrderCreated', headers: { region: 'eu' } };
    expect(outputFor(rules, all)).toBe('yes');
    expect(outputFor(rules, { ...all, routingKey: 'x' })).toBeUndefined();
    expect(outputFor(rules, { ...all, type: 'x' })).toBeUndefined();
    expect(outputFor(rules, { ...all, headers: { region: 'us' } })).toBeUndefined();
  });

  it('look at headers that begin with x-, unless x-match says otherwise', () => {
    expect(
      outputFor([{ headers: { 'x-tenant': 'a' }, output: 'yes' }], { headers: { 'x-tenant': 'b' } }),
    ).toBeUndefined();
    const any = [{ headers: { 'x-match': 'any', region: 'eu', size: 'l' }, output: 'yes' }];
    expect(outputFor(any, { headers: { size: 'l' } })).toBe('yes');
    expect(outputFor(any, { headers: { size: 's' } })).toBeUndefined();
  });

  it('read the body once, and only when a rule before the match asks for it', () => {
    let reads = 0;
    const counting = (type: string): RoutedMessage => ({
      ...message({ type }),
      body: () => {
        reads++;
        return { total: 5 };
      },
    });
    const route = routes([
      { type: 'plain', output: 'plain' },
      { body: [{ path: 'total', is: 'greater', value: '10' }], output: 'big' },
      { body: [{ path: 'total', is: 'at-most', value: '10' }], output: 'small' },
    ]);
    expect(route(counting('plain'))?.output).toBe('plain');
    expect(reads).toBe(0);
    expect(route(counting('other'))?.output).toBe('small');
    expect(reads).toBe(1);
  });

  it.each<[string, string, Json, Json | undefined, boolean]>([
    ['order.lines[0].sku', 'equals', 'A1', { order: { lines: [{ sku: 'A1' }] } }, true],
    ['order.lines[1].sku', 'equals', 'A1', { order: { lines: [{ sku: 'A1' }] } }, false],
    ['["a.b"]', 'equals', 'x', { 'a.b': 'x' }, true],
    ['$.total', 'equals', '1000', { total: 1000 }, true],
    ['total', 'equals', '1000', { total: '1000' }, true],
    ['total', 'equals', 1000, { total: 1000 }, true],
    ['paid', 'equals', 'true', { paid: true }, true],
    ['paid', 'equals', true, { paid: 'true' }, true],
    ['note', 'equals', 'null', { note: null }, true],
    ['note', 'equals', '', {}, false],
    ['note', 'not-equals', 'x', {}, true],
    ['note', 'not-equals', 'x', { note: 'x' }, false],
    ['total', 'greater', '9', { total: 10 }, true],
    ['total', 'greater', '9', { total: '10' }, true],
    ['total', 'greater', '9', { total: 'ten' }, false],
    ['total', 'less', 'ten', { total: 5 }, false],
    ['at', 'at-least', '2026-02-01', { at: '2026-10-01' }, true],
    ['at', 'less', '2026-02-01', { at: '2026-10-01' }, false],
    ['tags', 'contains', 'vip', { tags: ['new', 'vip'] }, true],
    ['tags', 'contains', 'vi', { tags: ['new', 'vip'] }, false],
    ['name', 'contains', 'vi', { name: 'Levi' }, true],
    ['name', 'starts-with', 'Le', { name: 'Levi' }, true],
    ['name', 'ends-with', 'vi', { name: 'Levi' }, true],
    ['name', 'exists', '', { name: null }, true],
    ['name', 'missing', '', { name: null }, false],
    ['name', 'missing', '', undefined, true],
    ['toString', 'exists', '', {}, false],
    ['__proto__.constructor', 'exists', '', {}, false],
    ['', 'equals', 'hello', 'hello', true],
    ['a[', 'exists', '', { a: 1 }, false],
  ])('body %s %s %j of %j is %j', (path, is, value, json, expected) => {
    expect(holds(path, is, value, json)).toBe(expected);
  });

  it('agree with trying each rule by its definition', () => {
    const total = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('2', 'two', null, true));
    const rule = fc.record(
      {
        routingKey: topicPattern,
        type: fc.constantFrom('a', 'b', ''),
        body: fc.array(
          fc.record({
            path: fc.constant('total'),
            is: fc.constantFrom('equals' as const, 'less' as const, 'at-least' as const, 'missing' as const),
            value: fc.integer({ min: -3, max: 3 }).map(String),
          }),
          { maxLength: 2 },
        ),
        output: fc.constantFrom('x', 'y', 'z'),
      },
      { requiredKeys: ['output'] },
    );
    const body = fc.option(fc.record({ total }, { requiredKeys: [] }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 6 }),
        fc.option(fc.constant('rest'), { nil: undefined }),
        fc.record({ routingKey, type: fc.constantFrom('a', 'b', undefined), json: body }),
        (rules, defaultOutput, { json, type, routingKey: key }) => {
          const found = rules.find((candidate) => holdsByDefinition(candidate, key, type, json));
          const expected = found?.output ?? defaultOutput;
          const of = { routingKey: key, ...(type && { type }), ...(json && { json }) };
          expect(outputFor(rules, of, defaultOutput)).toBe(expected);
        },
      ),
      { seed, numRuns: 3000 },
    );
  });
});

/** The rules read aloud, without any cleverness. */
function holdsByDefinition(rule: Partial<RouteRule>, key: string, type: string | undefined, json: Json | undefined) {
  if (rule.routingKey && !topicRegExp(rule.routingKey).test(key === '' ? '' : `.${key}`)) return false;
  if (rule.type && rule.type !== type) return false;
  return (rule.body ?? []).every(({ is, value }) => {
    const found = (json as { total?: Json } | undefined)?.total;
    if (is === 'missing') return found === undefined;
    if (is === 'equals') return found !== undefined && String(found) === value;
    if (typeof found !== 'number' && found !== '2') return false;
    return is === 'less' ? Number(found) < Number(value) : Number(found) >= Number(value);
  });
}

/** A topic pattern as a regular expression over words that each begin with a dot. */
function topicRegExp(pattern: string): RegExp {
  const words = pattern.split('.').map((word) => {
    if (word === '#') return '(\\.[^.]*)*';
    return word === '*' ? '\\.[^.]*' : `\\.${word}`;
  });
  return new RegExp(`^${words.join('')}$`);
}
