import { BoathouseError, createUpload, UploadInfo } from '@boathouse/contracts';
import { urlOf } from '@/lib/api';

/** Sends a file as the raw body, telling how many bytes are out. XMLHttpRequest: fetch cannot tell of upload progress. */
export function sendFile(
  file: File,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<UploadInfo> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', urlOf(createUpload, {}, { fileName: file.name }));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      let body: unknown = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // not ours: told below by its status
      }
      if (request.status < 300) {
        resolve(UploadInfo.parse(body));
        return;
      }
      const given = (body ?? {}) as { error_code?: string; message?: string };
      reject(
        new BoathouseError(
          given.error_code ?? 'UPLOAD_FAILED',
          given.message ?? `The server answered ${request.status}. Try again.`,
          'system',
          { status: request.status },
        ),
      );
    };
    request.onerror = () =>
      reject(
        new BoathouseError(
          'OFFLINE',
          'The connection broke while the file was sent. Nothing was kept; try again.',
          'system',
          { status: 0 },
        ),
      );
    request.onabort = () => reject(new DOMException('Aborted', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
