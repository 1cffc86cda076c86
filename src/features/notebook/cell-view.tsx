'use client';
import { type AccessLevel, attachedEngineOf, type CellKind } from '@boathouse/contracts';
import { type Cell, cellStatus, codeHash, sourceOf, updateCell } from '@boathouse/notebook';
import {
  ChevronDown,
  ChevronUp,
  CircleAlert,
  CircleCheck,
  CircleX,
  Combine,
  EllipsisVertical,
  LoaderCircle,
  Pencil,
  Play,
  Scissors,
  Square,
  Trash2,
} from 'lucide-react';
import { memo, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { IconButton } from '@/components/button';
import { Menu } from '@/components/menu';
import { RelativeTime } from '@/components/relative-time';
import { Pill, StatusBadge } from '@/components/status';
import { Tooltip } from '@/components/tooltip';
import { classNames } from '@/lib/class-names';
import { formatBytes, formatCount, formatCounted, formatDuration } from '@/lib/format';
import { AddToDashboard } from '../dashboards/add-to-dashboard';
import { CodeEditor, type CodeEditorHandle } from '../editor/code-editor';
import { SourceText } from '../editor/source-text';
import { PipelineCellOutput } from '../pipelines/pipeline-cell-output';
import { PipelineCellStatus, usePipelineCellError } from '../pipelines/pipeline-cell-status';
import { CellEngine } from './cell-engine';
import { CellOutput } from './cell-output';
import type { OpenDocument } from './use-document';
import type { UseExecution } from './use-execution';

export const kindLabels: Record<CellKind, string> = {
  sql: 'SQL',
  typescript: 'TypeScript',
  pipeline: 'Pipeline',
  markdown: 'Markdown',
};

export interface CellActions {
  run: (id: string, then: 'stay' | 'advance') => void;
  stop: (runId: string) => void;
  remove: (id: string) => void;
  move: (id: string, by: -1 | 1) => void;
  select: (id: string) => void;
  /** Divides the cell where the cursor of its editor stands. */
  split: (id: string) => void;
  merge: (id: string) => void;
}

export interface CellViewProps {
  notebookId: string;
  cell: Cell;
  position: number;
  selected: boolean;
  /** Begin with the focus in the editor. */
  editing: boolean;
  level: AccessLevel;
  document: OpenDocument;
  useExecution: UseExecution;
  actions: CellActions;
  register: (id: string, handle: RefObject<CodeEditorHandle | null>) => void;
  /** The graph of the notebook's pipeline is drawn below this cell. */
  firstOfPipeline: boolean;
}

/** True once the element was near the viewport and while it is: editors of cells far away are not kept. */
function useNear(element: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? false), {
      rootMargin: '500px',
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return near;
}

function CellViewInner({
  notebookId,
  cell,
  position,
  selected,
  editing,
  level,
  document: opened,
  useExecution,
  actions,
  register,
  firstOfPipeline,
}: CellViewProps) {
  const box = useRef<HTMLElement>(null);
  const handle = useRef<CodeEditorHandle>(null);
  const near = useNear(box);
  const hash = useMemo(() => codeHash(cell), [cell]);
  const execution = useExecution((state) => state.execution);
  const status = cellStatus(execution, cell.id, hash);
  const run = status.status === 'idle' ? null : status.run;
  const firstPage = useExecution((state) => (run ? state.pages[run.id] : undefined));
  const [showMarkdown, setShowMarkdown] = useState(cell.kind === 'markdown' && cell.source.trim() !== '');
  const mayEdit = level === 'edit' || level === 'manage';
  const mayRun = mayEdit || level === 'run';
  const active = run && (run.state === 'queued' || run.state === 'running') ? run : null;
  const text = sourceOf(opened.doc, cell.id);
  const rendered = cell.kind === 'markdown' && showMarkdown && !editing;

  const pipelineError = usePipelineCellError(cell.id);

  useEffect(() => register(cell.id, handle), [cell.id, register]);

  const label = `${kindLabels[cell.kind]} cell ${position + 1}${cell.title ? `, ${cell.title}` : ''}`;
  const details = run ? (
    <>
      {run.reads.map((read) => (
        <span
          key={read.fullName}
          title={`${read.fullName}, version ${read.version}: read ${read.filesRead} of ${formatCounted(read.filesTotal, 'file')}, ${formatBytes(read.bytesRead)}`}
        >
          {read.fullName} <strong className="font-medium text-text">@ {read.version}</strong>
        </span>
      ))}
      {run.reads.length ? (
        <span>
          read{' '}
          <strong className="font-medium text-text">
            {formatCount(run.reads.reduce((sum, read) => sum + read.filesRead, 0))}
          </strong>{' '}
          of{' '}
          {formatCounted(
            run.reads.reduce((sum, read) => sum + read.filesTotal, 0),
            'file',
          )}
          ,{' '}
          <strong className="font-medium text-text">
            {formatBytes(run.reads.reduce((sum, read) => sum + read.bytesRead, 0))}
          </strong>
        </span>
      ) : null}
      <span>
        ran <RelativeTime atMs={run.endedAtMs ?? run.createdAtMs} /> by{' '}
        <strong className="font-medium text-text">{run.principalName}</strong>
        {run.engine ? (
          <>
            {' '}
            on{' '}
            <strong className="font-medium text-text">{attachedEngineOf(run.engine) ?? 'the embedded engine'}</strong>
          </>
        ) : null}
      </span>
    </>
  ) : null;

  return (
    <section
      ref={box}
      aria-label={label}
      data-cell={cell.id}
      data-status={status.status}
      className="grid grid-cols-[44px_minmax(0,1fr)] pt-3.5"
      onMouseDown={() => actions.select(cell.id)}
      onFocus={() => actions.select(cell.id)}
    >
      <div className="flex flex-col items-center gap-1.5 pt-2 text-[11px] text-faint">
        {cell.kind === 'markdown' ? null : active ? (
          <Tooltip text="Stop">
            <button
              type="button"
              aria-label={`Stop cell ${position + 1}`}
              onClick={() => actions.stop(active.id)}
              className="grid size-[26px] place-items-center rounded-full border border-accent text-accent"
            >
              <Square aria-hidden className="size-3" />
            </button>
          </Tooltip>
        ) : (
          <Tooltip text="Run" shortcut="Shift Enter">
            <button
              type="button"
              aria-label={`Run cell ${position + 1}`}
              disabled={!mayRun}
              onClick={() => actions.run(cell.id, 'stay')}
              className={classNames(
                'grid size-[26px] place-items-center rounded-full border bg-surface disabled:opacity-40',
                status.status === 'succeeded'
                  ? 'border-green text-green'
                  : status.status === 'failed' || status.status === 'lost'
                    ? 'border-red text-red'
                    : 'border-line-strong text-muted hover:text-text',
              )}
            >
              <Play aria-hidden className="size-3" />
            </button>
          </Tooltip>
        )}
        <span>[{active ? '*' : position + 1}]</span>
      </div>
      <div
        className={classNames(
          'relative min-w-0 overflow-hidden rounded-card border',
          selected
            ? 'border-accent bg-surface shadow-[0_0_0_1px_var(--accent)]'
            : // Text that is read needs no frame.
              rendered
              ? 'border-transparent'
              : 'border-line bg-surface',
        )}
      >
        <header
          className={classNames(
            'flex items-center gap-2 text-muted text-xs',
            rendered
              ? 'absolute top-1 right-1 z-[1] h-7 rounded-control bg-surface px-1.5 transition-opacity duration-100'
              : 'h-8 border-line border-b px-2.5',
            rendered && !selected && 'opacity-0 focus-within:opacity-100 group-hover/cell:opacity-100',
          )}
        >
          <strong className="font-[620] text-text">{kindLabels[cell.kind]}</strong>
          {rendered ? null : (
            <input
              aria-label={`Title of cell ${position + 1}`}
              value={cell.title}
              title={cell.title}
              readOnly={!mayEdit}
              placeholder={mayEdit ? 'Title' : ''}
              onChange={(event) => updateCell(opened.doc, cell.id, { title: event.target.value })}
              className="field-sizing-content min-w-24 max-w-[60%] text-ellipsis rounded bg-transparent px-1 hover:bg-sunken focus:bg-sunken placeholder:text-transparent hover:placeholder:text-faint focus:placeholder:text-faint"
            />
          )}
          <span className="ml-auto flex items-center gap-2" aria-live="polite">
            {cell.kind === 'pipeline' ? <PipelineCellStatus /> : <StatusLine status={status} />}
          </span>
          {cell.kind === 'sql' || cell.kind === 'typescript' ? (
            <CellEngine
              engine={cell.engine}
              position={position}
              onChoose={mayEdit ? (engine) => updateCell(opened.doc, cell.id, { engine }) : undefined}
            />
          ) : null}
          {cell.kind === 'markdown' && mayEdit ? (
            <IconButton
              icon={Pencil}
              label={rendered ? 'Edit text' : 'Show text'}
              className="size-6"
              onClick={() => setShowMarkdown(!showMarkdown)}
            />
          ) : null}
          {mayEdit ? (
            <>
              <IconButton
                icon={ChevronUp}
                label="Move up"
                className="size-6"
                onClick={() => actions.move(cell.id, -1)}
              />
              <IconButton
                icon={ChevronDown}
                label="Move down"
                className="size-6"
                onClick={() => actions.move(cell.id, 1)}
              />
              <Menu
                trigger={
                  <IconButton icon={EllipsisVertical} label={`Actions for cell ${position + 1}`} className="size-6" />
                }
                items={[
                  ...(['sql', 'typescript', 'pipeline', 'markdown'] as const)
                    .filter((kind) => kind !== cell.kind)
                    .map((kind) => ({
                      label: `Make it ${kindLabels[kind]}`,
                      onSelect: () => updateCell(opened.doc, cell.id, { kind }),
                    })),
                  'separator' as const,
                  {
                    label: 'Split at the cursor',
                    icon: Scissors,
                    shortcut: 'Ctrl Shift -',
                    disabled: rendered,
                    onSelect: () => actions.split(cell.id),
                  },
                  {
                    label: 'Merge with the next',
                    icon: Combine,
                    shortcut: 'Shift M',
                    onSelect: () => actions.merge(cell.id),
                  },
                  'separator' as const,
                  {
                    label: 'Delete cell',
                    icon: Trash2,
                    shortcut: 'D D',
                    danger: true,
                    onSelect: () => actions.remove(cell.id),
                  },
                ]}
              />
            </>
          ) : null}
        </header>
        {rendered ? (
          // biome-ignore lint/a11y/noStaticElementInteractions: the pencil button is the keyboard's way
          <div className="prose-boathouse px-3 py-2" onDoubleClick={() => mayEdit && setShowMarkdown(false)}>
            <ReactMarkdown remarkPlugins={[remarkGfm]}>{cell.source || '*Empty text*'}</ReactMarkdown>
          </div>
        ) : near && text ? (
          <CodeEditor
            text={text}
            awareness={opened.awareness}
            kind={cell.kind}
            label={label}
            readOnly={!mayEdit}
            error={status.status === 'failed' && run?.codeHash === hash ? status.error : pipelineError}
            autoFocus={editing}
            onFocus={() => actions.select(cell.id)}
            handle={handle}
          />
        ) : (
          <SourceText>{cell.source}</SourceText>
        )}
        {cell.kind === 'pipeline' ? (
          <PipelineCellOutput cellId={cell.id} first={firstOfPipeline} />
        ) : run ? (
          <CellOutput
            run={run}
            firstPage={firstPage}
            name={cell.title}
            chart={cell.chart}
            onChart={mayEdit ? (chart) => updateCell(opened.doc, cell.id, { chart }) : undefined}
            details={details}
            footerActions={
              cell.kind === 'sql' && mayRun ? (
                <AddToDashboard notebookId={notebookId} title={cell.title} query={cell.source} chart={cell.chart} />
              ) : null
            }
          />
        ) : null}
      </div>
    </section>
  );
}

/** Drawn again only when its own cell, run or selection changes. */
export const CellView = memo(CellViewInner);

function StatusLine({ status }: { status: ReturnType<typeof cellStatus> }) {
  switch (status.status) {
    case 'idle':
      return null;
    case 'queued':
      return <StatusBadge status="queued" />;
    case 'running':
      return (
        <Pill tone="blue" icon={LoaderCircle} spin>
          Running · <Elapsed sinceMs={status.sinceMs} />
          {status.run.progress ? ` · ${status.run.progress.message}` : ''}
        </Pill>
      );
    case 'succeeded':
      return (
        <span className="inline-flex items-center gap-1.5">
          <CircleCheck aria-label="Succeeded" className="size-3.5 text-green" />
          {status.run.totalMs === null ? null : formatDuration(status.run.totalMs)}
        </span>
      );
    case 'stale':
      return (
        <Pill
          tone="amber"
          icon={CircleAlert}
          title={status.tables
            .map((table) => `${table.fullName}: read version ${table.readVersion}, now ${table.latestVersion}`)
            .join('\n')}
        >
          {status.codeChanged
            ? 'Stale: the code changed'
            : `Stale: ${status.tables[0]?.fullName.split('.').at(-1)} is at version ${status.tables[0]?.latestVersion}`}
        </Pill>
      );
    case 'failed':
      return (
        <Pill tone="red" icon={CircleX}>
          Failed
        </Pill>
      );
    case 'cancelled':
      return <StatusBadge status="cancelled" />;
    case 'lost':
      return <StatusBadge status="lost" />;
  }
}

function Elapsed({ sinceMs }: { sinceMs: number }) {
  const [now, setNow] = useState(sinceMs);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 100);
    return () => clearInterval(timer);
  }, []);
  return <span className="tabular-nums">{formatDuration(Math.max(0, now - sinceMs))}</span>;
}
