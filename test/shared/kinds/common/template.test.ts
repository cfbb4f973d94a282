import { compileTemplate, type TemplateSources } from '@shared/kinds/common/template';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const sources: TemplateSources = {
  uuid: () => 'a-uuid',
  now: () => new Date(0),
  variables: { region: 'eu' },
  faker: (field) => (field === 'person.fullName' ? 'Ada' : undefined),
};

it('fills in sequence, uuid, time, variables and faker fields', () => {
  const { render, problems } = compileTemplate('{{seq}} {{ uuid }} {{now}} {{var.region}} {{faker.person.fullName}}!');
  expect(problems).toEqual([]);
  expect(render(sources, 7)).toBe('7 a-uuid 1970-01-01T00:00:00.000Z eu Ada!');
});

it('leaves text without placeholders as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('{{')),
      (text) => {
        expect(compileTemplate(text).render(sources, 1)).toBe(text);
      },
    ),
  );
});

it('says what it does not know, and where', () => {
  const known = { variables: { region: 'eu' }, hasFakerField: (field: string) => field === 'person.fullName' };
  const { problems } = compileTemplate('{{sequence}} {{var.zone}} {{faker.person.nope}} {{var.region}}', known);
  expect(problems.map(({ offset }) => offset)).toEqual([0, 13, 26]);
});
