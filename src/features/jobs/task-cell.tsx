'use client';
import type { TaskCellView } from '@boathouse/contracts';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { StatusBadge } from '@/components/status';
import { formatDuration } from '@/lib/format';
import { CellOutput } from '../notebook/cell-output';
import { useCellRun } from './use-cell-run';

const languages: Record<TaskCellView['kind'], string> = {
  sql: 'SQL',
  typescript: 'TypeScript',
  pipeline: 'Pipeline',
  markdown: 'Markdown',
};

/** A cell as it was when the task ran, with what it gave. */
export function TaskCell({ cell, ended }: { cell: TaskCellView; ended: boolean }) {
  const { run, page } = useCellRun(cell.id, cell.run);
  if (cell.kind === 'markdown')
    return (
      <div className="prose-boathouse px-3 py-1">
        <ReactMarkdown remarkPlugins={[remarkGfm]}>{cell.source}</ReactMarkdown>
      </div>
    );
  if (cell.source.trim() === '') return null;
  return (
    <article
      aria-label={cell.title || `${languages[cell.kind]} cell`}
      className="overflow-hidden rounded-card border border-line bg-surface"
    >
      <header className="flex min-h-8 items-center gap-2 border-line border-b px-3 text-muted text-xs">
        <span className="font-medium">{cell.title || languages[cell.kind]}</span>
        <span className="ml-auto flex items-center gap-2">
          {run?.totalMs ? formatDuration(run.totalMs) : null}
          {run ? <StatusBadge status={run.state} /> : ended ? 'Did not run' : 'Waits'}
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long code scrolls, so the keyboard must reach it */}
      <pre tabIndex={0} className="max-h-72 overflow-auto bg-sunken px-3 py-2 font-mono text-xs leading-5">
        {cell.source}
      </pre>
      {run ? (
        <CellOutput
          run={run}
          firstPage={page}
          name={cell.title || 'result'}
          chart={cell.chart}
          onChart={undefined}
          details={null}
        />
      ) : null}
    </article>
  );
}
