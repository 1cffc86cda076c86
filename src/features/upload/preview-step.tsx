'use client';
import { type Column, catalogTree, loadUpload, previewUpload, type UploadInfo } from '@boathouse/contracts';
import { useQuery } from '@tanstack/react-query';
import { Table2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/components/button';
import { Checkbox, Field, Input, Select } from '@/components/field';
import { ErrorState, SkeletonRows } from '@/components/states';
import { call } from '@/lib/api';
import { formatBytes } from '@/lib/format';
import { type ChosenColumn, PreviewTable } from './preview-table';

/** The second step: what was inferred, changed where it should be, and where the table goes. */
export function PreviewStep({
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
