import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { javascript, typescriptLanguage } from '@codemirror/lang-javascript';
import { type Diagnostic, linter } from '@codemirror/lint';
import { compileScript } from '@shared/kinds/common/script';
import { SCRIPT_API } from '@shared/kinds/common/script-api';
import type { EditorView, Extension } from '@uiw/react-codemirror';

/** Offers what `message.` and `ctx.` have. */
function completeApi(context: CompletionContext): CompletionResult | null {
  const before = context.matchBefore(/\b(message|ctx)\.\w*/);
  const owner = before?.text.split('.')[0];
  if (!before || (owner !== 'message' && owner !== 'ctx')) return null;
  const options = SCRIPT_API[owner].map(({ label, kind, detail, info }) => ({ label, type: kind, detail, info }));
  return { from: before.from + owner.length + 1, options, validFor: /^\w*$/ };
}

function findSyntaxErrors(view: EditorView): Diagnostic[] {
  const { doc } = view.state;
  const compiled = compileScript(doc.toString());
  if (!('problem' in compiled)) return [];
  const { line: number = 1, column = 1, message } = compiled.problem;
  const line = doc.line(Math.min(number, doc.lines));
  const from = Math.min(line.from + column - 1, line.to);
  return [{ from, to: line.to, severity: 'error', message }];
}

/** TypeScript with completion of the script's API and marks where it cannot be read. */
export const scriptEditing: Extension = [
  javascript({ typescript: true }),
  typescriptLanguage.data.of({ autocomplete: completeApi }),
  linter(findSyntaxErrors),
];
