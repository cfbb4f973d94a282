import { json } from '@codemirror/lang-json';
import { useComputedColorScheme } from '@mantine/core';
import { sealEdits } from '@renderer/flow/flow-store';
import CodeMirror, { EditorView } from '@uiw/react-codemirror';
import { useMemo } from 'react';
import classes from './CodeEditor.module.css';
import type { FieldLabels } from './FieldFrame';
import { scriptEditing } from './script-editing';

interface Props {
  labels: FieldLabels;
  language: 'json' | 'typescript' | 'text';
  value: string;
  onChange: (text: string) => void;
}

/** A small code editor. Tab moves on, as in any other field. */
export function CodeEditor({ labels, language, value, onChange }: Props) {
  const scheme = useComputedColorScheme();
  const label = labels['aria-label'];
  const extensions = useMemo(
    () => [
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': label }),
      ...(language === 'json' ? [json()] : []),
      ...(language === 'typescript' ? [scriptEditing] : []),
    ],
    [language, label],
  );
  return (
    <div className={classes.frame} data-invalid={labels['aria-invalid']}>
      <CodeMirror
        value={value}
        theme={scheme}
        extensions={extensions}
        indentWithTab={false}
        minHeight="72px"
        maxHeight={language === 'typescript' ? '480px' : '280px'}
        basicSetup={{
          lineNumbers: language === 'typescript',
          foldGutter: false,
          highlightActiveLine: false,
          highlightActiveLineGutter: false,
          searchKeymap: false,
        }}
        onChange={onChange}
        onBlur={sealEdits}
      />
    </div>
  );
}
