'use client';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { toast } from '@/components/toast';
import { catalogKeys } from '../use-catalog';
import { sendVolumeFile } from './send-volume-file';

export interface Sending {
  name: string;
  sentBytes: number;
  sizeBytes: number;
  /** Files of the same request that come after it. */
  left: number;
}

/** Sends files into a folder of a volume, one after the other. `folder` is '' or ends with '/'. */
export function useVolumeUpload(volume: { path: string; fullName: string }, folder: string) {
  const cache = useQueryClient();
  const [sending, setSending] = useState<Sending | null>(null);
  const abort = useRef<AbortController>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const send = async (files: File[], overwrite = false): Promise<void> => {
    const controller = new AbortController();
    abort.current = controller;
    let done = 0;
    const taken: File[] = [];
    try {
      for (const [index, file] of files.entries()) {
        const about = { name: file.name, sizeBytes: file.size, left: files.length - index - 1 };
        setSending({ ...about, sentBytes: 0 });
        const path = `${volume.path.replace(/^\/Volumes\//, '')}/${folder}${file.name}`;
        try {
          await sendVolumeFile(path, file, {
            overwrite,
            onProgress: (sentBytes) => setSending({ ...about, sentBytes }),
            signal: controller.signal,
          });
          done++;
        } catch (error) {
          if (error instanceof Error && 'status' in error && error.status === 409) taken.push(file);
          else throw error;
        }
      }
      if (done > 0) toast.done(done === 1 ? `Uploaded ${files[0]!.name}.` : `Uploaded ${done} files.`);
      if (taken.length > 0)
        toast.done(
          taken.length === 1 ? `${taken[0]!.name} is there already.` : `${taken.length} files are there already.`,
          { label: 'Replace', run: () => void send(taken, true) },
        );
    } catch (error) {
      if (!(error instanceof DOMException)) toast.error(error);
    } finally {
      setSending(null);
      void cache.invalidateQueries({ queryKey: catalogKeys.part('volume', volume.fullName, 'files') });
    }
  };
  return { sending, send, cancel: () => abort.current?.abort() };
}
