'use client';
import { FileUp } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { ErrorState } from '@/components/states';
import { classNames } from '@/lib/class-names';

const accepted = '.csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet,.gz';

/** The first step: a place to drop a file, which is a button too. */
export function ChooseFile({ onFile, error }: { onFile: (file: File) => void; error?: Error | undefined }) {
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
