'use client';
import {
  CellKind,
  getNotebook,
  getNotebookSession,
  resetNotebookSession,
  updateNotebookSession,
  updateObject,
} from '@boathouse/contracts';
import {
  addCell,
  type Cell,
  codeHash,
  deleteCell,
  documentVersion,
  mergeWithNext,
  moveCell,
  splitCell,
  updateCell,
} from '@boathouse/notebook';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CalendarClock, NotebookText, Play, Plus, RotateCcw, Share2, Workflow, X } from 'lucide-react';
import { useRouter, useSearchParams } from 'next/navigation';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Avatar, personColour } from '@/components/avatar';
import { Button } from '@/components/button';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { ErrorState, Skeleton } from '@/components/states';
import { Pill } from '@/components/status';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import type { CodeEditorHandle } from '../editor/code-editor';
import { useRemoteCursors } from '../editor/use-remote-cursors';
import { useShortcutHelp } from '../frame/shortcut-help';
import { ScheduleDialog } from '../jobs/schedule-dialog';
import { NotebookPipelineProvider, useNotebookPipelineOf } from '../pipelines/notebook-pipeline';
import { PipelineButton } from '../pipelines/pipeline-button';
import { useMe } from '../session/use-session';
import { ShareDialog } from '../sharing/share-dialog';
import { AddCellBar } from './add-cell-bar';
import { type CellActions, CellView, kindLabels } from './cell-view';
import { EditableTitle } from './editable-title';
import { type OpenDocument, type SaveState, useDocument, useStore } from './use-document';
import { makeExecutionStore } from './use-execution';
import { useNotebookKeys } from './use-notebook-keys';

const saveWords: Record<SaveState, string> = {
  loading: 'Opening',
  saved: 'Saved',
  saving: 'Saving',
  offline: 'Not connected',
};

export function NotebookPage({ id }: { id: string }) {
  const me = useMe().data;
  const notebook = useQuery({
    queryKey: ['notebook', id],
    queryFn: ({ signal }) => call(getNotebook, { params: { notebookId: id }, signal }),
  });
  const person = useMemo(
    () => (me ? { userId: me.userId, name: me.name, colour: personColour(me.userId) } : undefined),
    [me],
  );
  const opened = useDocument(notebook.data, person);

  if (notebook.error) {
    return (
      <div className="p-6">
        <ErrorState error={notebook.error} onRetry={() => void notebook.refetch()} />
      </div>
    );
  }
  if (!notebook.data || !opened || !me) {
    return (
      // Where the head, the toolbar and the cells will stand.
      <div className="mx-auto max-w-[1180px] px-6 pt-4" role="status" aria-label="Opening the notebook">
        <Skeleton className="h-7 w-72" />
        <div className="border-line border-b pt-3 pb-3">
          <Skeleton className="h-7 w-40" />
        </div>
        <Skeleton className="mt-3.5 ml-11 h-28" />
        <Skeleton className="mt-7 ml-11 h-28" />
      </div>
    );
  }
  return <Opened key={notebook.data.documentName} notebook={notebook.data} opened={opened} me={me} />;
}

type NotebookData = NonNullable<Awaited<ReturnType<typeof call<typeof getNotebook>>>>;

function Opened({
  notebook,
  opened,
  me,
}: {
  notebook: NotebookData;
  opened: OpenDocument;
  me: { userId: string; name: string };
}) {
  const cells = useStore(opened.cells);
  const people = useStore(opened.presence);
  const save = useStore(opened.save);
  const cache = useQueryClient();
  const router = useRouter();
  const [useExecution] = useState(() => makeExecutionStore(notebook.id));
  const begin = useExecution((state) => state.begin);
  const [selected, setSelected] = useState<string | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const [sharing, setSharing] = useState(false);
  const [scheduling, setScheduling] = useState(false);
  const handles = useRef(new Map<string, RefObject<CodeEditorHandle | null>>());
  const cellsRef = useRef<Cell[]>(cells);
  cellsRef.current = cells;
  const mayEdit = notebook.level === 'edit' || notebook.level === 'manage';
  const mayRun = mayEdit || notebook.level === 'run';

  useEffect(() => begin(), [begin]);
  useRemoteCursors(opened.awareness);
  useEffect(() => {
    useShortcutHelp.getState().setGroups([
      {
        title: 'Notebook',
        shortcuts: [
          { keys: 'Shift Enter', what: 'Run the cell and go to the next' },
          { keys: 'Ctrl Enter', what: 'Run the cell' },
          { keys: 'Esc', what: 'Leave the editor' },
          { keys: 'Enter', what: 'Edit the cell' },
          { keys: 'A / B', what: 'Add a cell above / below' },
          { keys: 'D D', what: 'Delete the cell' },
          { keys: 'Alt ↑ / ↓', what: 'Move the cell' },
          { keys: 'Ctrl Shift -', what: 'Split the cell at the cursor' },
          { keys: 'Shift M', what: 'Merge with the next cell' },
          { keys: 'J / K', what: 'Next / previous cell' },
          { keys: 'Ctrl Z', what: 'Undo' },
        ],
      },
    ]);
    return () => useShortcutHelp.getState().setGroups([]);
  }, []);

  const hasPipeline = cells.some((cell) => cell.kind === 'pipeline');
  const pipeline = useNotebookPipelineOf(notebook.id, () => documentVersion(opened.doc), hasPipeline);
  const runPipeline = useRef(pipeline.run);
  runPipeline.current = pipeline.run;

  const title = notebook.name;
  const rename = useMutation({
    mutationFn: (name: string) => call(updateObject, { params: { objectId: notebook.id }, body: { name } }),
    onSuccess: () => void cache.invalidateQueries({ queryKey: ['notebook', notebook.id] }),
    onError: toast.error,
  });

  const select = useCallback((id: string) => setSelected(id), []);
  const focusCell = useCallback((id: string, edit: boolean) => {
    setSelected(id);
    setEditing(edit ? id : null);
    requestAnimationFrame(() => {
      const element = document.querySelector<HTMLElement>(`[data-cell="${CSS.escape(id)}"]`);
      element?.scrollIntoView({ block: 'nearest' });
      if (edit) handles.current.get(id)?.current?.focus();
    });
  }, []);
  const add = useCallback(
    (kind: CellKind, place: Parameters<typeof addCell>[2], source = '') => {
      const id = crypto.randomUUID();
      addCell(opened.doc, { id, kind, source }, place);
      opened.undo.stopCapturing();
      focusCell(id, true);
      return id;
    },
    [opened, focusCell],
  );
  const actions: CellActions = useMemo(
    () => ({
      run: (id, then) => {
        const list = cellsRef.current;
        const index = list.findIndex((cell) => cell.id === id);
        const cell = list[index];
        if (!cell) return;
        if (cell.kind === 'pipeline') {
          if (mayRun) runPipeline.current();
        } else if (cell.kind !== 'markdown' && mayRun) {
          void useExecution
            .getState()
            .run({ cellId: id, codeHash: codeHash(cell), documentVersion: documentVersion(opened.doc), me });
        }
        if (then === 'advance') {
          const next = list[index + 1];
          if (next) focusCell(next.id, false);
          else if (mayEdit) add(cell.kind, { after: id });
        }
      },
      stop: (runId) => useExecution.getState().stop(runId),
      remove: (id) => {
        const index = cellsRef.current.findIndex((cell) => cell.id === id);
        opened.undo.stopCapturing();
        deleteCell(opened.doc, id);
        opened.undo.stopCapturing();
        const neighbour = cellsRef.current[index + 1] ?? cellsRef.current[index - 1];
        if (neighbour) focusCell(neighbour.id, false);
        toast.done('Cell deleted.', { label: 'Undo', run: () => opened.undo.undo() });
      },
      move: (id, by) => {
        const list = cellsRef.current;
        const other = list[list.findIndex((cell) => cell.id === id) + by];
        if (other) moveCell(opened.doc, id, by < 0 ? { before: other.id } : { after: other.id });
      },
      select,
      split: (id) => {
        const offset = handles.current.get(id)?.current?.offset();
        if (offset === undefined) return;
        const made = crypto.randomUUID();
        opened.undo.stopCapturing();
        if (splitCell(opened.doc, id, offset, made)) focusCell(made, true);
        opened.undo.stopCapturing();
      },
      merge: (id) => {
        opened.undo.stopCapturing();
        if (mergeWithNext(opened.doc, id)) focusCell(id, false);
        else toast.error(new Error('Only a cell and the next one of the same kind can be merged.'));
        opened.undo.stopCapturing();
      },
    }),
    [opened, useExecution, me, mayRun, mayEdit, add, focusCell, select],
  );
  const register = useCallback(
    (id: string, handle: RefObject<CodeEditorHandle | null>) => void handles.current.set(id, handle),
    [],
  );

  useNotebookKeys({ cells: cellsRef, selected, mayEdit, actions, add, focusCell, undo: opened.undo, handles });

  // A link may bring a query: it becomes a cell and runs, once.
  const params = useSearchParams();
  const query = params.get('query');
  const asked = useRef(false);
  useEffect(() => {
    if (!query || asked.current || save === 'loading' || !mayEdit) return;
    asked.current = true;
    router.replace(`/notebook/${notebook.id}`);
    const first = cellsRef.current[0];
    if (first && cellsRef.current.length === 1 && first.source.trim() === '') deleteCell(opened.doc, first.id);
    const id = add('sql', 'end', query);
    setTimeout(() => actions.run(id, 'stay'), 0);
  }, [query, save, mayEdit, add, actions, opened, router, notebook.id]);

  // A link may ask for a first cell of a kind: the one that a new notebook has becomes it.
  const firstKind = CellKind.safeParse(params.get('cell')).data;
  useEffect(() => {
    if (!firstKind || save === 'loading' || !mayEdit) return;
    router.replace(`/notebook/${notebook.id}`);
    const first = cellsRef.current[0];
    if (!first || cellsRef.current.length > 1 || first.source.trim() !== '') return;
    updateCell(opened.doc, first.id, { kind: firstKind });
    focusCell(first.id, true);
  }, [firstKind, save, mayEdit, opened, router, notebook.id, focusCell]);

  const runAll = async () => {
    // The pipeline cells are one update, which begins where the first of them stands.
    const firstOfPipeline = cellsRef.current.find((cell) => cell.kind === 'pipeline');
    for (const cell of cellsRef.current) {
      if (cell === firstOfPipeline) runPipeline.current();
      if (cell.kind !== 'markdown' && cell.kind !== 'pipeline' && cell.source.trim() !== '') {
        await useExecution
          .getState()
          .run({ cellId: cell.id, codeHash: codeHash(cell), documentVersion: documentVersion(opened.doc), me });
      }
    }
  };

  return (
    <div className="mx-auto max-w-[1180px] px-6 pb-40">
      <PageHeader
        icon={NotebookText}
        title={
          <EditableTitle
            value={title}
            readOnly={!mayEdit}
            label="Name of the notebook"
            onChange={(name) => rename.mutate(name)}
          />
        }
        path={notebook.parentPath}
        status={<Pill tone={save === 'offline' ? 'amber' : 'neutral'}>{saveWords[save]}</Pill>}
        actions={
          <>
            <ul aria-label="Here now" className="-space-x-1.5 flex pl-1.5">
              {people.map((one) => (
                <li key={one.userId}>
                  <Avatar id={one.userId} name={one.name} />
                </li>
              ))}
            </ul>
            <Button icon={CalendarClock} onClick={() => setScheduling(true)} disabled={!mayRun}>
              Schedule
            </Button>
            <Button icon={Share2} onClick={() => setSharing(true)} disabled={notebook.level !== 'manage'}>
              Share
            </Button>
          </>
        }
      />
      <div className="flex items-center gap-2 border-line border-b pt-1 pb-3">
        <Button kind="primary" icon={Play} disabled={!mayRun} onClick={() => void runAll()}>
          Run all
        </Button>
        {hasPipeline ? <PipelineButton state={pipeline} mayRun={mayRun} /> : null}
        {mayEdit ? (
          <Menu
            align="start"
            trigger={<Button icon={Plus}>Cell</Button>}
            items={(Object.keys(kindLabels) as CellKind[]).map((kind) => ({
              label: kindLabels[kind],
              onSelect: () => void add(kind, selected ? { after: selected } : 'end'),
            }))}
          />
        ) : null}
        <span className="flex-1" />
        {mayRun ? <SessionMenu notebookId={notebook.id} /> : <Pill>View only</Pill>}
      </div>
      {save === 'loading' ? (
        <div className="pt-3.5" role="status" aria-label="Loading cells">
          <Skeleton className="ml-11 h-28" />
          <Skeleton className="mt-7 ml-11 h-28" />
        </div>
      ) : (
        <NotebookPipelineProvider value={pipeline}>
          {cells.map((cell, position) => (
            <div key={cell.id} className="group/cell">
              <CellView
                notebookId={notebook.id}
                cell={cell}
                position={position}
                selected={selected === cell.id}
                editing={editing === cell.id}
                level={notebook.level}
                document={opened}
                useExecution={useExecution}
                actions={actions}
                register={register}
                firstOfPipeline={cell.id === cells.find((it) => it.kind === 'pipeline')?.id}
              />
              {mayEdit ? (
                <AddCellBar onAdd={(kind) => void add(kind, { after: cell.id })} last={position === cells.length - 1} />
              ) : null}
            </div>
          ))}
          {cells.length === 0 && mayEdit ? <AddCellBar onAdd={(kind) => void add(kind, 'end')} last /> : null}
        </NotebookPipelineProvider>
      )}
      {scheduling ? (
        <ScheduleDialog notebookPath={notebook.path} name={notebook.name} onClose={() => setScheduling(false)} />
      ) : null}
      {sharing ? <ShareDialog objectId={notebook.id} name={notebook.name} onClose={() => setSharing(false)} /> : null}
    </div>
  );
}

/** The caller's session: current schema, temporary views; a loss of variables is told once. */
function SessionMenu({ notebookId }: { notebookId: string }) {
  const cache = useQueryClient();
  const key = ['session', notebookId];
  const session = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => call(getNotebookSession, { params: { notebookId }, signal }),
  });
  const reset = useMutation({
    mutationFn: () => call(resetNotebookSession, { params: { notebookId }, body: {} }),
    onSuccess: (data) => {
      cache.setQueryData(key, data);
      toast.done('The session began anew: variables and temporary views are gone.');
    },
    onError: toast.error,
  });
  const acknowledge = useMutation({
    mutationFn: () => call(updateNotebookSession, { params: { notebookId }, body: { acknowledgeLoss: true } }),
    onSuccess: (data) => cache.setQueryData(key, data),
  });
  const data = session.data;
  if (!data) return null;
  return (
    <>
      {data.lostReason ? (
        <span
          role="status"
          className="inline-flex h-6 min-w-0 items-center gap-1 rounded-full bg-amber-soft pr-1 pl-2.5 text-amber text-xs"
        >
          <span title={data.lostReason} className="truncate font-medium">
            {data.lostReason}
          </span>
          <button
            type="button"
            aria-label="Dismiss"
            onClick={() => acknowledge.mutate()}
            className="grid size-4 shrink-0 place-items-center rounded-full hover:bg-surface"
          >
            <X aria-hidden className="size-3" />
          </button>
        </span>
      ) : null}
      <Menu
        label={data.tempViews.length ? `Temporary views: ${data.tempViews.join(', ')}` : 'No temporary views'}
        trigger={
          <Button kind="quiet" icon={Workflow} aria-label="My session">
            {data.catalog}.{data.schema}
          </Button>
        }
        items={[{ label: 'Restart session', icon: RotateCcw, onSelect: () => reset.mutate() }]}
      />
    </>
  );
}
