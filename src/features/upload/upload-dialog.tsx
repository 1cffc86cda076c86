'use client';
import { cancelRun, createObject, discardUpload, type UploadInfo } from '@boathouse/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { NotebookText, Table2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Progress } from '@/components/progress';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';
import { formatBytes, formatCounted } from '@/lib/format';
import { useRun } from '@/lib/use-run';
import { ChooseFile } from './choose-file';
import { PreviewStep } from './preview-step';
import { sendFile } from './send-file';

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
                {formatCounted(run.run?.writes[0]?.rows ?? 0, 'row')}.
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
