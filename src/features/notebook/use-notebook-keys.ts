'use client';
import type { CellKind } from '@boathouse/contracts';
import type { Cell } from '@boathouse/notebook';
import { type RefObject, useEffect, useRef } from 'react';
import type * as Y from 'yjs';
import type { CodeEditorHandle } from '../editor/code-editor';
import type { CellActions } from './cell-view';

interface NotebookKeys {
  cells: RefObject<Cell[]>;
  selected: string | null;
  mayEdit: boolean;
  actions: CellActions;
  add: (kind: CellKind, place: { before: string } | { after: string }) => string;
  focusCell: (id: string, edit: boolean) => void;
  undo: Y.UndoManager;
  handles: RefObject<Map<string, RefObject<CodeEditorHandle | null>>>;
}

const inEditor = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('.monaco-editor') !== null;
const inField = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (/^(INPUT|TEXTAREA|SELECT|BUTTON|A)$/.test(target.tagName) ||
    target.closest('[role="grid"],[role="dialog"],[role="menu"]') !== null);

/**
 * The keys of a notebook. One listener of the document in the capture phase: an editor's own commands would go to the last
 * editor made and not to the one with the focus.
 */
export function useNotebookKeys(keys: NotebookKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  const lastD = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { cells, selected, mayEdit, actions, add, focusCell, undo, handles } = latest.current;
      const editor = inEditor(event.target);
      const take = () => {
        event.preventDefault();
        event.stopPropagation();
      };
      if (
        event.key === 'Enter' &&
        (event.shiftKey || event.ctrlKey || event.metaKey) &&
        selected &&
        (editor || !inField(event.target))
      ) {
        take();
        actions.run(selected, event.shiftKey ? 'advance' : 'stay');
        return;
      }
      if (mayEdit && selected && event.code === 'Minus' && event.shiftKey && (event.ctrlKey || event.metaKey)) {
        // Also outside of the editor: the browser would make the page smaller.
        take();
        if (editor) actions.split(selected);
        return;
      }
      if (editor) {
        // Esc closes a suggestion first; then it leaves the editor.
        const suggesting = document.querySelector('.suggest-widget.visible, .find-widget.visible') !== null;
        if (event.key === 'Escape' && !suggesting) {
          take();
          (document.activeElement as HTMLElement | null)?.blur();
          if (selected) focusCell(selected, false);
        }
        return;
      }
      if (inField(event.target) || !selected) return;
      const list = cells.current;
      const index = list.findIndex((cell) => cell.id === selected);
      if (index < 0) return;
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && mayEdit) {
        take();
        if (event.shiftKey) undo.redo();
        else undo.undo();
      } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown') && mayEdit) {
        take();
        actions.move(selected, event.key === 'ArrowUp' ? -1 : 1);
      } else if (plain && (event.key === 'j' || event.key === 'ArrowDown')) {
        take();
        const next = list[index + 1];
        if (next) focusCell(next.id, false);
      } else if (plain && (event.key === 'k' || event.key === 'ArrowUp')) {
        take();
        const before = list[index - 1];
        if (before) focusCell(before.id, false);
      } else if (plain && event.key === 'Enter') {
        take();
        handles.current.get(selected)?.current?.focus();
      } else if (plain && mayEdit && (event.key === 'a' || event.key === 'b')) {
        take();
        add(
          list[index]!.kind === 'markdown' ? 'sql' : list[index]!.kind,
          event.key === 'a' ? { before: selected } : { after: selected },
        );
      } else if (plain && mayEdit && event.key === 'M') {
        take();
        actions.merge(selected);
      } else if (plain && mayEdit && event.key === 'd') {
        take();
        if (Date.now() - lastD.current < 1000) actions.remove(selected);
        lastD.current = Date.now();
      }
    };
    document.addEventListener('keydown', onKey, { capture: true });
    return () => document.removeEventListener('keydown', onKey, { capture: true });
  }, []);
}
