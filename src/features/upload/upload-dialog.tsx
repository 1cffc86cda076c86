'use client';
import {
  type Column,
  cancelRun,
  catalogTree,
  createObject,
  discardUpload,
  loadUpload,
  previewUpload,
  type UploadInfo,
  type UploadPreview,
} from '@boathouse/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { FileUp, NotebookText, Table2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Checkbox, Field, Input, Select } from '@/components/field';
import { Progress } from '@/components/progress';
import { ErrorState, SkeletonRows } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { classNames } from '@/lib/class-names';
import { formatBytes, formatCount } from '@/lib/format';
import { useRun } from '@/lib/use-run';
import { sendFile } from './send-file';

const accepted = '.csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet,.gz';
const types = ['string', 'int', 'bigint', 'double', 'decimal(18,2)', 'boolean', 'date', 'timestamp', 'timestamp_ntz'];

interface ChosenColumn {
  from: string;
  name: string;
  type: string;
  keep: boolean;
}

type Step =
  | { step: 'choose'; error?: Error }
  | { step: 'sending'; file: File; sentBytes: number }
  | { step: 'preview'; upload: UploadInfo }
  | { step: 'loading'; upload: UploadInfo; runId: string; fullName: string };

/** Drop a file, look at what was inferred, name a table: one commit, or nothing. */
export function UploadDialog({
  onClose,
  schema: givenSchema,
}: {
  onClose: () => void;
  schema?: { catalog: string; schema: string };
}) {
  const router = useRouter();
  const cache = useQueryClient();
  const [step, setStep] = useState<Step>({ step: 'choose' });
  const abort = useRef<AbortController>(null);
  const run = useRun(step.step === 'loading' ? step.runId : null);
  const done = run.run?.state === 'succeeded';

  useEffect(() => {
    if (done) void cache.invalidateQueries({ queryKey: ['catalog'] });
  }, [done, cache]);

  const send = async (file: File) => {
    const controller = new AbortController();
    abort.current = controller;
    setStep({ step: 'sending', file, sentBytes: 0 });
    try {
      const upload = await sendFile(
        file,
        (sentBytes) => setStep({ step: 'sending', file, sentBytes }),
        controller.signal,
      );
      setStep({ step: 'preview', upload });
    } catch (error) {
      setStep(error instanceof DOMException ? { step: 'choose' } : { step: 'choose', error: error as Error });
    }
  };
  const close = () => {
    abort.current?.abort();
    if (step.step === 'preview') call(discardUpload, { params: { uploadId: step.upload.uploadId } }).catch(toast.error);
    onClose();
  };
  const query = async (fullName: string) => {
    try {
      const made = await call(createObject, {
        body: { kind: 'notebook', name: `Explore ${fullName.split('.').at(-1)}`, makeUnique: true },
      });
      router.push(`/notebook/${made.id}?query=${encodeURIComponent(`select * from ${fullName} limit 1000`)}`);
    } catch (error) {
      toast.error(error);
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && close()}
      wide={step.step !== 'choose'}
      title="Bring your own file"
      description="CSV, TSV, JSON, JSON lines or Parquet, also gzipped. It becomes a Delta table that anyone can read."
    >
      {step.step === 'choose' ? <ChooseFile onFile={(file) => void send(file)} error={step.error} /> : null}
      {step.step === 'sending' ? (
        <div className="flex flex-col gap-3 py-4">
          <p className="truncate text-sm">{step.file.name}</p>
          <Progress percent={(100 * step.sentBytes) / Math.max(1, step.file.size)} label="Upload" />
          <div className="flex items-center justify-between text-muted text-xs">
            <span>
              {formatBytes(step.sentBytes)} of {formatBytes(step.file.size)}
            </span>
            <Button onClick={() => abort.current?.abort()}>Cancel upload</Button>
          </div>
        </div>
      ) : null}
      {step.step === 'preview' ? (
        <PreviewStep
          upload={step.upload}
          {...(givenSchema ? { schema: givenSchema } : {})}
          onCancel={close}
          onLoad={(runId, fullName) => setStep({ step: 'loading', upload: step.upload, runId, fullName })}
        />
      ) : null}
      {step.step === 'loading' ? (
        <div className="flex flex-col gap-3 py-4">
          {run.run?.state === 'failed' || run.run?.state === 'lost' || run.run?.state === 'cancelled' ? (
            <>
              <ErrorState
                error={
                  run.run.error ?? {
                    message:
                      run.run.state === 'cancelled'
                        ? 'Loading was cancelled. Nothing was loaded.'
                        : 'Loading stopped. Nothing was loaded; try again.',
                  }
                }
              />
              <div className="flex justify-end gap-2">
                <Button onClick={close}>Close</Button>
                <Button kind="primary" onClick={() => setStep({ step: 'preview', upload: step.upload })}>
                  Back to the preview
                </Button>
              </div>
            </>
          ) : done ? (
            <>
              <p className="text-sm">
                <strong className="font-medium">{step.fullName}</strong> has{' '}
                {formatCount(run.run?.writes[0]?.rows ?? 0)} rows.
              </p>
              <div className="flex justify-end gap-2">
                <Button
                  icon={Table2}
                  onClick={() => {
                    onClose();
                    router.push(`/catalog/${step.fullName.split('.').map(encodeURIComponent).join('/')}`);
                  }}
                >
                  Show table
                </Button>
                <Button kind="primary" icon={NotebookText} onClick={() => void query(step.fullName)}>
                  Query it
                </Button>
              </div>
            </>
          ) : (
            <>
              <p className="text-sm">Loading {step.fullName} …</p>
              <Progress
                {...(run.progress?.percent === undefined ? {} : { percent: run.progress.percent })}
                label="Loading"
              />
              <div className="flex items-center justify-between text-muted text-xs">
                <span>{run.progress?.message ?? 'Waiting for compute'}</span>
                <Button
                  onClick={() => void call(cancelRun, { params: { id: step.runId }, body: {} }).catch(toast.error)}
                >
                  Cancel
                </Button>
              </div>
            </>
          )}
        </div>
      ) : null}
    </Dialog>
  );
}

function ChooseFile({ onFile, error }: { onFile: (file: File) => void; error?: Error | undefined }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div className="pb-3">
      {error ? <ErrorState error={error} className="mb-3" /> : null}
      <button
        type="button"
        onClick={() => input.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={classNames(
          'flex w-full flex-col items-center gap-2 rounded-card border border-dashed px-4 py-10 text-sm',
          over ? 'border-accent bg-accent-soft' : 'border-line-strong hover:bg-sunken',
        )}
      >
        <FileUp aria-hidden className="size-7 text-faint" strokeWidth={1.5} />
        <span>
          Drop a file here or <span className="text-accent">choose one</span>
        </span>
      </button>
      <input
        ref={input}
        type="file"
        accept={accepted}
        aria-label="File to upload"
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
        }}
      />
    </div>
  );
}

function PreviewStep({
  upload,
  schema,
  onCancel,
  onLoad,
}: {
  upload: UploadInfo;
  schema?: { catalog: string; schema: string };
  onCancel: () => void;
  onLoad: (runId: string, fullName: string) => void;
}) {
  const [options, setOptions] = useState<Record<string, string>>({});
  const preview = useQuery({
    queryKey: ['upload-preview', upload.uploadId, options],
    queryFn: ({ signal }) =>
      call(previewUpload, { params: { uploadId: upload.uploadId }, body: { options, rows: 50 }, signal }),
    retry: false,
    placeholderData: (before) => before,
  });
  const tree = useQuery({ queryKey: ['catalog', 'tree'], queryFn: ({ signal }) => call(catalogTree, { signal }) });
  const places = (tree.data?.catalogs ?? []).flatMap((catalog) =>
    catalog.schemas.map((one) => `${catalog.name}.${one.name}`),
  );
  const [place, setPlace] = useState(schema ? `${schema.catalog}.${schema.schema}` : 'main.default');
  const [table, setTable] = useState(upload.suggestedName);
  const [columns, setColumns] = useState<ChosenColumn[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const runId = useRef(crypto.randomUUID());

  // A new inference begins the choice of columns anew.
  const inferred: Column[] | undefined = preview.data?.columns;
  useEffect(() => {
    if (inferred)
      setColumns(inferred.map((column) => ({ from: column.name, name: column.name, type: column.type, keep: true })));
  }, [inferred]);

  const change = (index: number, patch: Partial<ChosenColumn>) =>
    setColumns((before) => before?.map((column, at) => (at === index ? { ...column, ...patch } : column)) ?? null);
  const load = async () => {
    if (!columns || !preview.data) return;
    const [catalog = '', ...rest] = place.split('.');
    setBusy(true);
    setError(null);
    try {
      const answer = await call(loadUpload, {
        params: { uploadId: upload.uploadId },
        body: {
          runId: runId.current,
          catalog,
          schema: rest.join('.'),
          table: table.trim(),
          format: preview.data.format,
          options: preview.data.options,
          columns: columns
            .filter((column) => column.keep)
            .map(({ from, name, type }) => ({ from, name: name.trim(), type })),
        },
      });
      onLoad(answer.runId, answer.fullName);
    } catch (thrown) {
      runId.current = crypto.randomUUID();
      setError(thrown instanceof Error ? thrown : new Error(String(thrown)));
      setBusy(false);
    }
  };
  const isCsv = preview.data?.format === 'csv';

  return (
    <div className="flex flex-col gap-3 pb-3">
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Schema" className="w-56">
          {(ids) => (
            <Select {...ids} value={place} onChange={(event) => setPlace(event.target.value)}>
              {(places.includes(place) ? places : [place, ...places]).map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Table" className="w-56">
          {(ids) => <Input {...ids} value={table} maxLength={255} onChange={(event) => setTable(event.target.value)} />}
        </Field>
        {isCsv ? (
          <>
            <Checkbox
              label="First row has the names"
              checked={(options.header ?? preview.data?.options.header ?? 'true') !== 'false'}
              onChange={(event) => setOptions({ ...options, header: String(event.target.checked) })}
              className="h-7"
            />
            <Field label="Delimiter" className="w-24">
              {(ids) => (
                <Select
                  {...ids}
                  value={options.delimiter ?? preview.data?.options.delimiter ?? ','}
                  onChange={(event) => setOptions({ ...options, delimiter: event.target.value })}
                >
                  <option value=",">Comma</option>
                  <option value="&#9;">Tab</option>
                  <option value=";">Semicolon</option>
                  <option value="|">Bar</option>
                </Select>
              )}
            </Field>
          </>
        ) : null}
        <span className="ml-auto text-muted text-xs">
          {upload.fileName} · {formatBytes(upload.sizeBytes)} · {preview.data?.format}
        </span>
      </div>
      {error ? <ErrorState error={error} /> : null}
      {preview.error ? (
        <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />
      ) : !preview.data || !columns ? (
        <SkeletonRows rows={8} />
      ) : (
        <PreviewTable preview={preview.data} columns={columns} change={change} />
      )}
      <div className="flex items-center justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button
          kind="primary"
          icon={Table2}
          busy={busy}
          disabled={!columns?.some((column) => column.keep) || table.trim() === ''}
          onClick={() => void load()}
        >
          Create table
        </Button>
      </div>
    </div>
  );
}

function PreviewTable({
  preview,
  columns,
  change,
}: {
  preview: UploadPreview;
  columns: ChosenColumn[];
  change: (index: number, patch: Partial<ChosenColumn>) => void;
}) {
  return (
    <div className="max-h-80 overflow-auto rounded-card border border-line">
      <table className="w-full text-xs" aria-label="Preview">
        <thead className="sticky top-0 bg-sunken">
          <tr>
            {columns.map((column, index) => (
              <th
                key={column.from}
                scope="col"
                className="min-w-36 border-line border-b p-1.5 text-left font-normal align-top"
              >
                <div className="flex items-center gap-1">
                  <input
                    type="checkbox"
                    aria-label={`Keep ${column.from}`}
                    checked={column.keep}
                    onChange={(event) => change(index, { keep: event.target.checked })}
                  />
                  <Input
                    aria-label={`Name of ${column.from}`}
                    value={column.name}
                    disabled={!column.keep}
                    onChange={(event) => change(index, { name: event.target.value })}
                  />
                </div>
                <Select
                  aria-label={`Type of ${column.from}`}
                  className="mt-1"
                  value={column.type}
                  disabled={!column.keep}
                  onChange={(event) => change(index, { type: event.target.value })}
                >
                  {(types.includes(column.type) ? types : [column.type, ...types]).map((type) => (
                    <option key={type}>{type}</option>
                  ))}
                </Select>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, rowIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no identity
            <tr key={rowIndex}>
              {columns.map((column, index) => {
                const value = row[index];
                return (
                  <td
                    key={column.from}
                    className={classNames(
                      'max-w-60 truncate border-line border-b px-2 py-1',
                      !column.keep && 'opacity-40',
                    )}
                  >
                    {value === null || value === undefined ? (
                      <span className="text-faint">NULL</span>
                    ) : typeof value === 'object' ? (
                      JSON.stringify(value)
                    ) : (
                      String(value)
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
