import { BoathouseError, uploadFile } from '@boathouse/contracts';
import { urlOf } from '@/lib/api';

/**
 * Puts a file into a volume, telling how many bytes are out (fetch cannot). `path` is `catalog/schema/volume/…`. Throws
 * BoathouseError: ALREADY_EXISTS where a file of that name is there and `overwrite` is not set.
 */
export function sendVolumeFile(
  path: string,
  file: File,
  options: { overwrite: boolean; onProgress: (sentBytes: number) => void; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', urlOf(uploadFile, { path }, options.overwrite ? { overwrite: 'true' } : {}));
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => options.onProgress(event.loaded);
    request.onload = () => {
      if (request.status < 300) {
        resolve();
        return;
      }
      let given: { error_code?: string; message?: string } = {};
      try {
        given = JSON.parse(request.responseText) as typeof given;
      } catch {
        // not ours: told below by its status
      }
      reject(
        new BoathouseError(
          given.error_code ?? 'UPLOAD_FAILED',
          given.message ?? `The server answered ${request.status}. Try again.`,
          request.status < 500 ? 'user' : 'system',
          { status: request.status },
        ),
      );
    };
    request.onerror = () =>
      reject(
        new BoathouseError(
          'OFFLINE',
          `The connection broke while ${file.name} was sent. Nothing of it was kept; try again.`,
          'system',
          { status: 0 },
        ),
      );
    request.onabort = () => reject(new DOMException('Aborted', 'AbortError'));
    options.signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
