'use client';
import type { ErrorInfo } from '@boathouse/contracts';
import { useEffect, useRef, useState } from 'react';
import * as Y from 'yjs';
import { classNames } from '@/lib/class-names';
import { CodeEditor, type CodeEditorHandle } from './code-editor';

/** One SQL text outside of a notebook, with the same editor: colours, completion, the error where it lies. */
export function SqlField({
  initial,
  label,
  error,
  autoFocus = false,
  onChange,
  onRun,
  className,
}: {
  /** The text at its beginning; later values are not taken over. */
  initial: string;
  label: string;
  error: ErrorInfo | null;
  autoFocus?: boolean;
  onChange: (text: string) => void;
  /** Ctrl-Enter. */
  onRun: () => void;
  className?: string;
}) {
  const handle = useRef<CodeEditorHandle>(null);
  const [text] = useState(() => {
    const made = new Y.Doc().getText('sql');
    made.insert(0, initial);
    return made;
  });
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    const tell = () => latest.current(text.toString());
    text.observe(tell);
    return () => text.unobserve(tell);
  }, [text]);
  return (
    <div
      className={classNames('overflow-auto rounded-control border border-line-strong bg-surface', className)}
      onKeyDownCapture={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        event.stopPropagation();
        onRun();
      }}
    >
      <CodeEditor
        text={text}
        awareness={null}
        kind="sql"
        label={label}
        readOnly={false}
        error={error}
        autoFocus={autoFocus}
        onFocus={() => {}}
        handle={handle}
      />
    </div>
  );
}
