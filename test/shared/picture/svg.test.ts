import { emptyFlow } from '@shared/flow/schema';
import { toSvg } from '@shared/picture/svg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawn, NASTY_NAMES } from './drawn';
import { findAll, parseXml } from './xml';

const titles = (svg: string) => findAll(parseXml(svg), 'title').map(({ text }) => text);

describe('the SVG picture', () => {
  it.each(NASTY_NAMES)('keeps the name %s whole', (name) => {
    expect(titles(toSvg(drawn(name)))).toEqual([
      name,
      `exchange ${name}`,
      `queue ${name}`,
      `publisher ${name}`,
      `handler ${name}`,
      `kafka.topic ${name}`,
      `exchange ${name}, not drawn`,
      ...[name, name, 'dead letters'],
    ]);
  });

  it('is well-formed whatever the names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
        expect(parseXml(toSvg(drawn(name))).name).toBe('svg');
      }),
    );
  });

  it('draws noun, name and facts of each node and the labels of links', () => {
    const texts = findAll(parseXml(toSvg(drawn('orders'))), 'text').map(({ text }) => text);
    expect(texts).toEqual(expect.arrayContaining(['orders', 'exchange', 'queue', 'publisher', 'handler']));
    const facts = findAll(parseXml(toSvg(drawn('orders'))), 'tspan').map(({ text }) => text);
    expect(facts).toEqual(expect.arrayContaining(['topic · durable', 'classic']));
    expect(texts).toContain('exchange · not drawn');
  });

  it('draws every link with the arrowhead of its colour', () => {
    const svg = parseXml(toSvg(drawn()));
    const lines = findAll(svg, 'path').filter(({ attributes }) => attributes['marker-end']);
    const arrows = findAll(svg, 'marker').map(({ attributes }) => `url(#${attributes.id})`);
    expect(lines).toHaveLength(4);
    for (const { attributes } of lines) expect(arrows).toContain(attributes['marker-end']);
  });

  it('shortens a long name visibly', () => {
    const name = 'a'.repeat(300);
    const texts = findAll(parseXml(toSvg(drawn(name))), 'text').map(({ text }) => text);
    expect(texts.filter((text) => /^a{10,}…$/.test(text)).length).toBeGreaterThan(0);
    expect(texts).not.toContain(name);
  });

  it('refers to nothing outside and runs nothing', () => {
    const svg = parseXml(toSvg(drawn('<a href="javascript:x" onclick="y">')));
    for (const name of ['script', 'style', 'a', 'image', 'use', 'foreignObject'])
      expect(findAll(svg, name)).toEqual([]);
    const attributes = ['svg', 'g', 'path', 'text', 'tspan', 'rect', 'marker', 'title']
      .flatMap((name) => findAll({ name: '', attributes: {}, children: [svg], text: '' }, name))
      .flatMap((element) => Object.keys(element.attributes));
    expect(attributes.filter((name) => /href|^on/.test(name))).toEqual([]);
  });

  it('holds every card', () => {
    const { attributes } = parseXml(toSvg(drawn()));
    const [x = 0, y = 0, width = 0, height = 0] = attributes.viewBox!.split(' ').map(Number);
    expect(x).toBeLessThan(0);
    expect(y).toBeLessThan(0);
    expect(x + width).toBeGreaterThan(960 + 208);
    expect(y + height).toBeGreaterThan(56);
  });

  it('is there for an empty flow and on a dark ground', () => {
    expect(parseXml(toSvg(emptyFlow(), 'dark')).name).toBe('svg');
    expect(toSvg(emptyFlow(), 'dark')).not.toBe(toSvg(emptyFlow()));
  });
});
