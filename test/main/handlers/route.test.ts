import { createRoute } from '@main/handlers/route';
import type { Json } from '@shared/flow/schema';
import { describe, expect, it } from 'vitest';
import { goOn, messageOf, requestOf } from './messages';

const route: Json = {
  rules: [
    { type: 'email', output: 'email' },
    { name: 'big orders', body: [{ path: 'total', is: 'greater', value: '1000' }], output: 'audit' },
  ],
};

describe('a routing handler', () => {
  it('forwards the message as it is by the first rule that takes it', async () => {
    const behaviour = await createRoute(requestOf({ route }, ['email', 'audit']));
    const message = messageOf({ body: { total: 2000 } });
    expect(await behaviour.handle(message, goOn)).toEqual({
      forwards: [{ link: 'to audit', body: message.body }],
      logs: [],
      route: 'big orders',
    });
  });

  it('counts a message that no rule takes as unmatched', async () => {
    const behaviour = await createRoute(requestOf({ route }, ['email', 'audit']));
    const unmatched = { forwards: [], logs: [], route: null };
    expect(await behaviour.handle(messageOf({ body: { total: 5 } }), goOn)).toEqual(unmatched);
    expect(await behaviour.handle(messageOf({ body: 'not json' }), goOn)).toEqual(unmatched);
  });

  it('sends to every link of the output’s name', async () => {
    const request = requestOf({ route: { rules: [{ output: 'all' }] } });
    const outputs = [
      { name: 'all', link: 'a' },
      { name: 'other', link: 'b' },
      { name: 'all', link: 'c' },
    ];
    const behaviour = await createRoute({ ...request, outputs });
    const { forwards } = await behaviour.handle(messageOf(), goOn);
    expect(forwards.map(({ link }) => link)).toEqual(['a', 'c']);
  });

  it.each([
    [{ rules: [{ output: 'gone' }] }, 'The handler has no output “gone”: its outputs are “email”.'],
    [{ rules: [{}] }, 'An output must be named: its outputs are “email”.'],
    [{ rules: [], defaultOutput: 'gone' }, 'The handler has no output “gone”: its outputs are “email”.'],
    [
      { rules: [{ output: 5 }] },
      'The handler’s setting “route.rules.0.output” is not valid: expected string, received number.',
    ],
  ])('refuses %j in one sentence', async (settings, message) => {
    await expect(createRoute(requestOf({ route: settings }, ['email']))).rejects.toThrow(message);
  });
});
