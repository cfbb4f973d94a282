import type { Problem } from '@shared/flow/problem';
import { plainArgument } from '../argument-values';
import { docs } from '../docs';
import { type BindingObject, objectKey } from '../objects';
import { bindingKey } from '../resolve';
import { PREDECLARED_EXCHANGES } from '../route/exchange-index';
import { compileHeaders } from '../route/match';
import { linkSubject, type Rule, say } from './finding';
import type { BrokerModel, CheckedBinding } from './model';

const MAX_KEY_BYTES = 255;
const MATCHES = ['all', 'any', 'all-with-x', 'any-with-x'];
const encoder = new TextEncoder();

/** The type of an exchange, drawn or predeclared; undefined when it is neither. */
export function typeOfExchange(model: BrokerModel, vhost: string, name: string): string | undefined {
  return model.exchangeAt.get(objectKey(vhost, name))?.object.type ?? PREDECLARED_EXCHANGES.get(name);
}

function describe({ source, destination }: BindingObject): string {
  return `The binding ${say(source)} to ${say(destination)}`;
}

type Judgement = Pick<Problem, 'code' | 'severity' | 'message' | 'docsUrl'> & { at: 'routingKey' | 'arguments' };

function judgeTopic(binding: BindingObject): Judgement | undefined {
  const glued = binding.routingKey.split('.').find((word) => word.length > 1 && /[*#]/.test(word));
  if (glued === undefined) return undefined;
  const sign = glued.includes('*') ? '*' : '#';
  const message = `${describe(binding)} has the key “${binding.routingKey}”: in “${glued}” the ${sign} is no wildcard, since wildcards stand alone between dots, so that ordinary keys never match.`;
  return { at: 'routingKey', code: 'binding/never-matches', severity: 'warning', message, docsUrl: docs.topicExchange };
}

function judgeDirect(binding: BindingObject): Judgement | undefined {
  if (!binding.routingKey.split('.').some((word) => word === '*' || word === '#')) return undefined;
  const message = `${describe(binding)} has the key “${binding.routingKey}”, but ${say(binding.source)} is a direct exchange, where * and # are ordinary characters: it never matches ordinary keys.`;
  return { at: 'routingKey', code: 'binding/never-matches', severity: 'warning', message, docsUrl: docs.exchangeTypes };
}

function judgeHeaders(binding: BindingObject): Judgement | undefined {
  const match = plainArgument(binding.arguments['x-match']);
  const docsUrl = docs.headersExchange;
  if (match !== undefined && !MATCHES.includes(String(match))) {
    const message = `${describe(binding)} has x-match ${say(String(match))}; RabbitMQ takes ${MATCHES.join(', ')} only and refuses it.`;
    return { at: 'arguments', code: 'binding/x-match', severity: 'error', message, docsUrl };
  }
  const { mode, entries } = compileHeaders(binding.arguments);
  if (mode === 'any' && entries.length === 0) {
    const hasOnlyX = Object.keys(binding.arguments).length > 1;
    const why = hasOnlyX ? 'names only headers that begin with x-, which “any” does not compare' : 'names none';
    const message = `${describe(binding)} asks for any of its headers but ${why}: it never matches.`;
    return { at: 'arguments', code: 'binding/never-matches', severity: 'warning', message, docsUrl };
  }
  if (binding.routingKey !== '') {
    const message = `${describe(binding)} has the key “${binding.routingKey}”, which a headers exchange ignores.`;
    return { at: 'routingKey', code: 'binding/key-ignored', severity: 'hint', message, docsUrl };
  }
  return undefined;
}

function judgeByType(type: string | undefined, binding: BindingObject): Judgement | undefined {
  switch (type) {
    case 'topic':
      return judgeTopic(binding);
    case 'direct':
      return judgeDirect(binding);
    case 'headers':
      return judgeHeaders(binding);
    case 'fanout': {
      if (binding.routingKey === '') return undefined;
      const message = `${describe(binding)} has the key “${binding.routingKey}”, which a fanout exchange ignores: every message passes.`;
      return {
        at: 'routingKey',
        code: 'binding/key-on-fanout',
        severity: 'hint',
        message,
        docsUrl: docs.exchangeTypes,
      };
    }
    case 'x-consistent-hash': {
      if (/^\d+$/.test(binding.routingKey)) return undefined;
      const message = `${describe(binding)} has the key “${binding.routingKey}”; a consistent hash exchange takes the key as a weight and refuses what is no whole number.`;
      return { at: 'routingKey', code: 'binding/weight', severity: 'error', message, docsUrl: docs.consistentHash };
    }
    default:
      return undefined;
  }
}

function judge(model: BrokerModel, { binding }: CheckedBinding): Judgement | undefined {
  const { source, destination, destinationType, routingKey, vhost } = binding;
  if (source === '' || (destinationType === 'exchange' && destination === '')) {
    // Old definitions list the implied bindings of the default exchange.
    if (source === '' && destinationType === 'queue' && routingKey === destination) return undefined;
    const message = `The default exchange cannot be bound; it already delivers to each queue by the queue’s name.`;
    return { at: 'routingKey', code: 'binding/default-exchange', severity: 'error', message, docsUrl: docs.exchanges };
  }
  if (routingKey.length * 3 > MAX_KEY_BYTES && encoder.encode(routingKey).length > MAX_KEY_BYTES) {
    const message = `${describe(binding)} has a key of ${encoder.encode(routingKey).length} bytes; RabbitMQ allows ${MAX_KEY_BYTES}.`;
    return { at: 'routingKey', code: 'binding/key-too-long', severity: 'error', message, docsUrl: docs.bindings };
  }
  return judgeByType(typeOfExchange(model, vhost, source), binding);
}

/** Keys and headers that can never match, are ignored, or are refused. */
export const checkBindings: Rule = (model) =>
  model.bindings.flatMap((checked): Problem[] => {
    const judgement = checked.ownership === 'ignored' ? undefined : judge(model, checked);
    if (!judgement) return [];
    const { at, ...problem } = judgement;
    return [{ ...problem, subject: linkSubject(checked.linkId), field: `settings.rows.${checked.row}.${at}` }];
  });

/** Ends that are named but not drawn: they must be in the broker already, or binding fails. */
export const checkDanglingBindings: Rule = (model) => {
  const seen = new Set<string>();
  return model.bindings.flatMap(({ linkId, binding, ownership }): Problem[] => {
    if (seen.has(linkId) || ownership === 'ignored') return [];
    seen.add(linkId);
    const { vhost, source, destination, destinationType } = binding;
    const missing: string[] = [];
    if (source !== '' && typeOfExchange(model, vhost, source) === undefined) missing.push(`exchange ${say(source)}`);
    const isThere =
      destinationType === 'queue'
        ? model.queueAt.has(objectKey(vhost, destination))
        : destination === '' || typeOfExchange(model, vhost, destination) !== undefined;
    if (!isThere) missing.push(`${destinationType} ${say(destination)}`);
    if (missing.length === 0) return [];
    const are = missing.length === 1 ? 'is not drawn: it' : 'are not drawn: they';
    return [
      {
        code: 'binding/dangling',
        severity: 'warning',
        subject: linkSubject(linkId),
        message: `${describe(binding)}: ${missing.join(' and ')} ${are} must be in the broker already, or binding fails.`,
        docsUrl: docs.bindings,
      },
    ];
  });
};

/** Equal rows are one binding in the broker. */
export const checkRepeatedBindings: Rule = ({ bindings }) => {
  const seen = new Set<string>();
  return bindings.flatMap(({ linkId, row, binding, ownership }): Problem[] => {
    const key = bindingKey(binding);
    if (ownership === 'ignored' || !seen.has(key)) {
      seen.add(key);
      return [];
    }
    const message = `${describe(binding)} with the key “${binding.routingKey}” is drawn more than once; the broker has it once.`;
    return [
      {
        code: 'binding/repeated',
        severity: 'hint',
        subject: linkSubject(linkId),
        field: `settings.rows.${row}`,
        message,
        docsUrl: docs.bindings,
      },
    ];
  });
};
