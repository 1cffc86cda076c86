import { randomUUID } from 'node:crypto';
import { type Principal, userError, type WorkspaceImportRequest } from '@boathouse/contracts';
import { exportSource, importSource, looksLikeSource } from '@boathouse/notebook';
import type { Documents } from '../collab/index.ts';
import { type Access, type ObjectRow, parentOf } from './access.ts';
import type { WorkspaceObjects } from './objects.ts';

export interface ImportRequest extends Omit<WorkspaceImportRequest, 'content'> {
  content: Uint8Array;
}

export interface Exported {
  bytes: Uint8Array;
  /** `sql` for notebooks; the file name's extension, or `txt`. */
  fileType: string;
}

export interface Transfer {
  /** Throws RESOURCE_ALREADY_EXISTS unless `overwrite`, and INVALID_PARAMETER_VALUE for a format that we do not read. */
  import: (principal: Principal, workspaceId: string, request: ImportRequest) => Promise<void>;
  export: (principal: Principal, workspaceId: string, path: string, format: string) => Promise<Exported>;
}

const unsupported = (field: string, value: string, instead: string) =>
  userError('INVALID_PARAMETER_VALUE', `${field} ${value} is not supported here. Use ${instead}.`);

/** Notebooks and files in and out of the workspace by path. */
export function createTransfer(doors: { access: Access; objects: WorkspaceObjects; documents: Documents }): Transfer {
  const { access, objects, documents } = doors;
  return {
    async import(principal, workspaceId, request) {
      const { kind, path } = target(request);
      const text = kind === 'notebook' ? decodeText(request.content) : '';
      const cells = kind === 'notebook' ? importSource(text, randomUUID) : undefined;
      const existing = await access.findPath(principal, workspaceId, path);
      if (!existing) {
        await objects.create(principal, workspaceId, {
          kind,
          path,
          ...(cells ? { cells } : { content: request.content }),
        });
        return;
      }
      if (!request.overwrite)
        throw userError('RESOURCE_ALREADY_EXISTS', `${path} exists already. Send overwrite=true to replace it.`);
      await access.require(principal, existing.id, 'edit');
      if (existing.kind !== kind)
        throw userError(
          'INVALID_PARAMETER_VALUE',
          `${path} is a ${existing.kind} and cannot be overwritten by a ${kind}.`,
        );
      if (cells) await documents.replace(existing.id, cells);
      else await objects.writeFile(existing.id, request.content);
    },

    async export(principal, workspaceId, path, format) {
      if (format !== 'SOURCE' && format !== 'AUTO' && format !== 'RAW') throw unsupported('format', format, 'SOURCE');
      const row = await access.requirePath(principal, workspaceId, path, 'view');
      return read(row);
    },
  };

  async function read(row: ObjectRow): Promise<Exported> {
    switch (row.kind) {
      case 'notebook':
        return { bytes: Buffer.from(exportSource((await documents.read(row.id)).cells)), fileType: 'sql' };
      case 'file':
        return { bytes: await objects.readFile(row.id), fileType: /\.(\w+)$/.exec(row.name)?.[1] ?? 'txt' };
      case 'directory':
      case 'dashboard':
        throw userError(
          'INVALID_PARAMETER_VALUE',
          `${row.path} is a ${row.kind}: only notebooks and files can be exported.`,
        );
    }
  }
}

function target(request: ImportRequest): { kind: 'notebook' | 'file'; path: string } {
  const { path, format, language } = request;
  if (path === '/' || parentOf(path) === path)
    throw userError('INVALID_PARAMETER_VALUE', 'The path must name the object to create.');
  switch (format) {
    case 'SOURCE':
      if (language !== undefined && language !== 'SQL') throw unsupported('language', language, 'SQL');
      return { kind: 'notebook', path };
    case 'RAW':
      return { kind: 'file', path };
    case 'AUTO':
      // As in Databricks: the header makes a notebook of a file, and a notebook's name has no extension.
      return looksLikeSource(Buffer.from(request.content.subarray(0, 200)).toString('utf8'))
        ? { kind: 'notebook', path: path.replace(/\.sql$/i, '') }
        : { kind: 'file', path };
    case 'HTML':
    case 'JUPYTER':
    case 'DBC':
    case 'R_MARKDOWN':
      throw unsupported('format', format, 'SOURCE');
  }
}

function decodeText(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw userError('INVALID_PARAMETER_VALUE', 'The notebook is not valid UTF-8 text.');
  }
}
