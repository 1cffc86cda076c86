'use client';
import { type ChartSpec, type MimeBundle, RESULT_MIME, ResultManifest } from '@boathouse/contracts';
import type { CellRun, Output } from '@boathouse/notebook';
import { useState } from 'react';
import { Button } from '@/components/button';
import { ErrorState } from '@/components/states';
import { messageWithPlace } from '@/lib/error-place';
import { ResultView } from '../results/result-view';

const shownLines = 200;

/** What a run printed: the end of it, the rest on demand. */
function Stream({ name, text }: { name: 'stdout' | 'stderr'; text: string }) {
  const [all, setAll] = useState(false);
  const lines = text.replace(/\n$/, '').split('\n');
  const cut = !all && lines.length > shownLines;
  return (
    <div className="border-line border-t px-3 py-2">
      {cut ? (
        <Button kind="quiet" onClick={() => setAll(true)}>
          Show all {lines.length.toLocaleString('en-US')} lines
        </Button>
      ) : null}
      <pre
        className={`max-h-96 overflow-auto whitespace-pre-wrap break-words text-xs ${name === 'stderr' ? 'text-red' : ''}`}
      >
        {(cut ? lines.slice(-shownLines) : lines).join('\n')}
      </pre>
    </div>
  );
}

/** A MIME bundle, richest form first. HTML runs in a frame of its own origin: it reaches nothing of the workspace. */
export function Display({ runId, data, name }: { runId: string; data: MimeBundle; name: string }) {
  const manifest = ResultManifest.safeParse(data[RESULT_MIME]);
  if (manifest.success) return <ResultView runId={runId} manifest={manifest.data} name={name} />;
  const text = (mime: string) => (typeof data[mime] === 'string' ? (data[mime] as string) : null);
  const html = text('text/html');
  if (html !== null)
    return (
      <iframe
        title="HTML output"
        sandbox="allow-scripts"
        srcDoc={html}
        className="block h-72 w-full border-line border-t bg-white"
      />
    );
  const png = text('image/png');
  if (png !== null)
    // biome-ignore lint/performance/noImgElement: bytes of a cell's output, nothing to optimise
    return <img alt="Output" src={`data:image/png;base64,${png}`} className="max-w-full border-line border-t p-3" />;
  const json = data['application/json'];
  const shown = json === undefined ? (text('text/plain') ?? '') : JSON.stringify(json, null, 2);
  return (
    <pre className="max-h-96 overflow-auto whitespace-pre-wrap break-words border-line border-t px-3 py-2 text-xs">
      {shown}
    </pre>
  );
}

const outputKey = (output: Output, index: number): string => `${index}:${output.type}`;

export interface CellOutputProps {
  run: CellRun;
  firstPage: Uint8Array | undefined;
  name: string;
  chart: ChartSpec | null;
  onChart: ((chart: ChartSpec | null) => void) | undefined;
  details: React.ReactNode;
  footerActions?: React.ReactNode;
}

/** Everything a run shows: prints, displays, its error, its result. */
export function CellOutput({ run, firstPage, name, chart, onChart, details, footerActions }: CellOutputProps) {
  if (run.withheld)
    return <p className="border-line border-t bg-amber-soft px-3 py-2 text-amber text-sm">{run.withheld.message}</p>;
  return (
    <>
      {run.outputs.map((output, index) =>
        output.type === 'stream' ? (
          <Stream key={outputKey(output, index)} name={output.name} text={output.text} />
        ) : (
          <Display key={outputKey(output, index)} runId={run.id} data={output.data} name={name} />
        ),
      )}
      {run.error && run.state !== 'succeeded' ? (
        <div className="border-line border-t p-2">
          <ErrorState error={{ ...run.error, message: messageWithPlace(run.error) }} />
        </div>
      ) : null}
      {run.result ? (
        <div className="border-line border-t">
          <ResultView
            runId={run.id}
            manifest={run.result}
            firstPage={firstPage}
            name={name}
            chart={chart}
            onChart={onChart}
            details={details}
            footerActions={footerActions}
          />
        </div>
      ) : null}
    </>
  );
}
