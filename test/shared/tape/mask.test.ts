import { createMask, hasWholeBody, MASKED, parseMaskRule } from '@shared/tape/mask';
import type { Body, TrafficEvent } from '@shared/traffic/event';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const SECRET = 'S3CR3T-4711';

const event = (body: Body | undefined, headers: TrafficEvent['headers'] = {}): TrafficEvent => ({
  seq: 1,
  at: 1,
  node: 'orders',
  phase: 'published',
  sizeBytes: 10,
  headers,
  ...(body ? { body } : {}),
});
const json = (text: string, cut = false): Body => ({ format: 'json', text, cut });
const masking = (...rules: string[]) => createMask({ bodies: 'shown', rules });

describe('masking', () => {
  it('covers the fields of a rule wherever they are, and leaves every other character as it was', () => {
    const text =
      '{ "card": {"number": "4111", "n\\u0075mber": 5}, "id": 12345678901234567890, "card": [{"number": [1]}] }';
    const { body, masked } = masking('body.card.number')(event(json(text)));
    expect({ body, masked }).toEqual({
      body: json(
        '{ "card": {"number": "***", "n\\u0075mber": "***"}, "id": 12345678901234567890, "card": [{"number": "***"}] }',
      ),
      masked: ['body.card.number'],
    });
  });

  it('lets no value through that stands at the path, in whatever body', () => {
    const filler = fc.jsonValue({ maxDepth: 2 });
    const name = fc.constantFrom('a', 'b', 'pan');
    const holder = fc.oneof(
      filler.map((around) => ({ around, a: { pan: SECRET } })),
      fc.array(filler, { maxLength: 2 }).map((items) => ({ a: [...items, { pan: { deep: SECRET } }] })),
      fc.tuple(name, filler).map(([key, value]) => ({ [key]: value, a: { [key]: value, pan: [SECRET] } })),
    );
    fc.assert(
      fc.property(holder, fc.boolean(), (value, isSpaced) => {
        const masked = masking('body.a.pan')(event(json(JSON.stringify(value, null, isSpaced ? 2 : 0))));
        expect(JSON.stringify(masked)).not.toContain(SECRET);
        expect(hasWholeBody(masked)).toBe(false);
        expect(masked.body?.format === 'json' && JSON.parse(masked.body.text)).toBeTruthy();
      }),
    );
  });

  it('hides a header in any case, and says so', () => {
    const { headers, masked } = masking('header.Authorization')(event(undefined, { authorization: SECRET, other: 1 }));
    expect({ headers, masked }).toEqual({
      headers: { authorization: MASKED, other: 1 },
      masked: ['header.Authorization'],
    });
  });

  it('hides a body whole that was cut and cannot be looked into', () => {
    const { body } = masking('body.x')(event(json('{"x": "S3C', true)));
    expect(body).toEqual({ format: 'masked' });
  });

  it('leaves alone what no rule names', () => {
    const untouched = event(json('{"y": 1}'), { a: 1 });
    expect(masking('body.x', 'header.b')(untouched)).toEqual(untouched);
    expect(hasWholeBody(untouched)).toBe(true);
  });

  it('takes every body off where bodies are off', () => {
    const mask = createMask({ bodies: 'off', rules: [] });
    const bodies: Body[] = [json('{}'), { format: 'text', text: 'x', cut: false }];
    expect(bodies.map((body) => mask(event(body)).body)).toEqual([{ format: 'masked' }, { format: 'masked' }]);
  });

  it.each(['body', 'body.', 'card.number', 'header', ''])('knows no rule “%s”', (text) => {
    expect(parseMaskRule(text)).toBeUndefined();
  });
});
