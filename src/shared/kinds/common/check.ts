import type { Problem } from '@shared/flow/problem';
import type { Flow, FlowNode } from '@shared/flow/schema';
import { parseBodyPath } from './body-test';
import { httpSettingsSchema, readStatuses } from './http';
import { describeMissingOutput, outputsOf } from './outputs';
import { isCatchAll, routeSettingsSchema } from './route';
import { compileScript, sayScriptProblem, scriptSettingsSchema } from './script';
import { compileTemplate } from './template';

/** Handlers of the flow that Tapline runs, with the names of their outputs. */
interface CheckedHandler {
  id: string;
  node: FlowNode;
  outputs: readonly string[];
}

type Rule = (handler: CheckedHandler) => Omit<Problem, 'subject'>[];

const checkRoute: Rule = ({ node, outputs }) => {
  // Settings that cannot be read are the document's problem.
  const parsed = routeSettingsSchema.safeParse(node.settings['route'] ?? {});
  if (!parsed.success) return [];
  const { rules, defaultOutput } = parsed.data;
  const problems: Omit<Problem, 'subject'>[] = [];
  const checkOutput = (output: string, field: string, what: string) => {
    if (outputs.includes(output)) return;
    const message = `${what} of “${node.name}” sends nowhere. ${describeMissingOutput(output, outputs)}`;
    problems.push({ code: 'route/no-such-output', severity: 'error', field: `settings.route.${field}`, message });
  };
  const catchAll = rules.findIndex(isCatchAll);
  for (const [index, rule] of rules.entries()) {
    checkOutput(rule.output, `rules.${index}.output`, `Rule ${index + 1}`);
    for (const [at, { path }] of (rule.body ?? []).entries()) {
      if (parseBodyPath(path)) continue;
      const message = `Rule ${index + 1} of “${node.name}” looks at “${path}”, which is no path into a body; write it like order.lines[0].sku.`;
      const field = `settings.route.rules.${index}.body.${at}.path`;
      problems.push({ code: 'route/unreadable-path', severity: 'error', field, message });
    }
    if (catchAll < 0 || index <= catchAll) continue;
    const message = `Rule ${index + 1} of “${node.name}” is never reached: rule ${catchAll + 1} has no condition and takes every message.`;
    problems.push({
      code: 'route/unreachable-rule',
      severity: 'warning',
      field: `settings.route.rules.${index}`,
      message,
    });
  }
  if (defaultOutput) checkOutput(defaultOutput, 'defaultOutput', 'The default');
  else if (catchAll < 0) {
    const message = `“${node.name}” has no default output: messages that no rule takes end there, counted as unmatched.`;
    problems.push({ code: 'route/no-default', severity: 'hint', field: 'settings.route.defaultOutput', message });
  }
  return problems;
};

/** A URL that holds placeholders is known only in its environment. */
const checkHttp: Rule = ({ node, outputs }) => {
  const parsed = httpSettingsSchema.safeParse(node.settings['http'] ?? {});
  if (!parsed.success) return [];
  const { url, successStatuses, responseOutput } = parsed.data;
  const problems: Omit<Problem, 'subject'>[] = [];
  const find = (code: string, field: string, message: string) =>
    problems.push({ code, severity: 'error', field: `settings.http.${field}`, message });
  const [placeholder] = compileTemplate(url, { hasFakerField: () => false }).problems;
  if (placeholder) find('http/placeholder', 'url', `The URL of “${node.name}”: ${placeholder.message}`);
  else if (url === '') find('http/no-url', 'url', `“${node.name}” has no URL to send its messages to.`);
  else if (!url.includes('{{') && !/^https?:\/\/[^/]/.test(url))
    find('http/no-url', 'url', `“${url}” of “${node.name}” is no address that begins with http:// or https://.`);
  if (!readStatuses(successStatuses))
    find('http/statuses', 'successStatuses', `“${successStatuses}” of “${node.name}” is not like 2xx, 404, 300-303.`);
  if (responseOutput && !outputs.includes(responseOutput))
    find('http/no-such-output', 'responseOutput', describeMissingOutput(responseOutput, outputs));
  return problems;
};

const checkScript: Rule = ({ node }) => {
  const parsed = scriptSettingsSchema.safeParse(node.settings['script'] ?? {});
  const compiled = parsed.success ? compileScript(parsed.data.code) : undefined;
  if (!compiled || !('problem' in compiled)) return [];
  const message = `The script of “${node.name}” cannot be read: ${sayScriptProblem(compiled.problem)}`;
  return [{ code: 'script/syntax', severity: 'error', field: 'settings.script.code', message }];
};

const RULES: Readonly<Record<string, Rule>> = { route: checkRoute, http: checkHttp, script: checkScript };

/** Problems of the handlers that Tapline runs, whatever brokers they join. */
export function checkHandlers(flow: Flow): Problem[] {
  return Object.entries(flow.nodes).flatMap(([id, node]): Problem[] => {
    const { behaviour, runsIn } = node.settings;
    if (node.type !== 'handler' || runsIn === 'elsewhere' || typeof behaviour !== 'string') return [];
    const rule = Object.hasOwn(RULES, behaviour) ? RULES[behaviour] : undefined;
    const outputs = outputsOf(flow, id).map(({ name }) => name);
    return (rule?.({ id, node, outputs }) ?? []).map((problem) => ({ ...problem, subject: { type: 'node', id } }));
  });
}
