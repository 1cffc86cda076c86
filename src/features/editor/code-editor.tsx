'use client';
import type { CellKind, ErrorInfo } from '@boathouse/contracts';
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Awareness } from 'y-protocols/awareness';
import type * as Y from 'yjs';
import { useTheme } from '@/lib/theme';
import type { monaco as Monaco } from './monaco';
import { editorPadding, lineHeight, SourceText } from './source-text';

const languages: Record<CellKind, string> = {
  sql: 'sparksql',
  pipeline: 'sparksql',
  typescript: 'typescript',
  markdown: 'markdown',
};

/** What an empty cell says: what it is for, and how to begin. */
const placeholders: Record<CellKind, string> = {
  sql: 'SQL, such as: select * from main.samples.flights limit 10',
  pipeline:
    'Tables kept up to date, such as: create or refresh materialized view totals as select count(*) as n from sales',
  typescript: "TypeScript, such as: display(await spark.sql('select 1 as one'))",
  markdown: 'Text in Markdown',
};

export interface CodeEditorHandle {
  focus: () => void;
  hasFocus: () => boolean;
  /** Where the cursor stands, as an offset into the text. */
  offset: () => number;
}

export interface CodeEditorProps {
  /** The shared text; edits by others appear as they type. */
  text: Y.Text;
  awareness: Awareness | null;
  kind: CellKind;
  label: string;
  readOnly: boolean;
  error: ErrorInfo | null;
  /** Focus once it stands. */
  autoFocus: boolean;
  onFocus: () => void;
  handle: RefObject<CodeEditorHandle | null>;
}

/** One Monaco editor on a shared text, as high as its text; until its code is here, the text alone. */
export function CodeEditor({
  text,
  awareness,
  kind,
  label,
  readOnly,
  error,
  autoFocus,
  onFocus,
  handle,
}: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<Monaco.editor.IStandaloneCodeEditor>(null);
  const monacoRef = useRef<typeof Monaco>(null);
  const latest = useRef({ onFocus, autoFocus, error, label });
  latest.current = { onFocus, autoFocus, error, label };
  const [stands, setStands] = useState(false);
  const theme = useTheme((state) => state.shown);

  useEffect(() => {
    let ended = false;
    let end = () => {};
    void Promise.all([import('./monaco'), import('y-monaco'), import('./complete')]).then(
      ([{ monaco, useTokens: applyTokens }, { MonacoBinding }, { attachCompletion }]) => {
        const element = box.current;
        if (ended || !element) return;
        monacoRef.current = monaco;
        applyTokens(useTheme.getState().shown);
        attachCompletion(monaco);
        const model = monaco.editor.createModel(text.toString(), languages[kind]);
        const made = monaco.editor.create(element, {
          model,
          readOnly,
          ariaLabel: latest.current.label,
          automaticLayout: true,
          fontFamily: "'JetBrains Mono Variable', monospace",
          fontSize: 13,
          lineHeight,
          lineNumbers: 'off',
          folding: false,
          glyphMargin: false,
          lineDecorationsWidth: 8,
          lineNumbersMinChars: 0,
          minimap: { enabled: false },
          overviewRulerLanes: 0,
          hideCursorInOverviewRuler: true,
          renderLineHighlight: 'none',
          scrollBeyondLastLine: false,
          scrollbar: { vertical: 'hidden', alwaysConsumeMouseWheel: false, horizontalScrollbarSize: 8 },
          padding: { top: editorPadding, bottom: editorPadding },
          wordWrap: kind === 'markdown' ? 'on' : 'off',
          fixedOverflowWidgets: true,
          tabSize: 2,
          contextmenu: false,
          quickSuggestions: { other: true, comments: false, strings: false },
          wordBasedSuggestions: 'off',
          fontLigatures: false,
          placeholder: readOnly ? '' : placeholders[kind],
          guides: { indentation: false },
          'semanticHighlighting.enabled': false,
          stickyScroll: { enabled: false },
          occurrencesHighlight: 'off',
        });
        editor.current = made;
        const binding = new MonacoBinding(text, model, new Set([made]), awareness ?? undefined);
        const fit = () => {
          element.style.height = `${Math.max(made.getContentHeight(), lineHeight + 2 * editorPadding)}px`;
          made.layout();
        };
        fit();
        made.onDidContentSizeChange(fit);
        made.onDidFocusEditorText(() => latest.current.onFocus());
        handle.current = {
          focus: () => made.focus(),
          hasFocus: () => made.hasTextFocus(),
          offset: () => model.getOffsetAt(made.getPosition() ?? { lineNumber: 1, column: 1 }),
        };
        setStands(true);
        showError(monaco, model, latest.current.error);
        if (latest.current.autoFocus) made.focus();
        end = () => {
          binding.destroy();
          made.dispose();
          model.dispose();
          editor.current = null;
          handle.current = null;
          setStands(false);
        };
      },
    );
    return () => {
      ended = true;
      end();
    };
  }, [text, awareness, kind, readOnly, handle]);

  // The label tells the cell's place: moving a cell must not make its editor anew.
  useEffect(() => editor.current?.updateOptions({ ariaLabel: label }), [label]);

  useEffect(() => {
    const model = editor.current?.getModel();
    if (monacoRef.current && model) showError(monacoRef.current, model, error);
  }, [error]);

  useEffect(() => {
    void theme;
    // Tokens are read from the document: it has the new theme by now.
    if (monacoRef.current) void import('./monaco').then(({ useTokens: applyTokens }) => applyTokens(theme));
  }, [theme]);

  // `nokey`: React Flow would otherwise take the space key.
  return (
    <>
      {stands ? null : <SourceText>{text.toString()}</SourceText>}
      <div ref={box} className="nokey" style={stands ? { minHeight: lineHeight + 2 * editorPadding } : undefined} />
    </>
  );
}

/** Marks where the error lies; an error without a place marks nothing. */
function showError(monaco: typeof Monaco, model: Monaco.editor.ITextModel, error: ErrorInfo | null): void {
  const at = error?.position;
  if (!error || !at) {
    monaco.editor.setModelMarkers(model, 'run', []);
    return;
  }
  const start = model.getPositionAt(at.start);
  const end = model.getPositionAt(Math.max(at.end, at.start + 1));
  monaco.editor.setModelMarkers(model, 'run', [
    {
      severity: monaco.MarkerSeverity.Error,
      message: error.message,
      startLineNumber: start.lineNumber,
      startColumn: start.column,
      endLineNumber: end.lineNumber,
      endColumn: Math.max(end.column, start.column + 1),
    },
  ]);
}
