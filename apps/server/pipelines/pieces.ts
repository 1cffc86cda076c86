import { type Principal, userError } from '@boathouse/contracts';
import type { PipelinePiece } from '@boathouse/sql';
import type { NotebookReader } from '../runs/index.ts';
import type { Access } from '../workspace/index.ts';
import type { PipelineRow } from './store.ts';

export interface PieceDoors {
  access: Pick<Access, 'require' | 'requirePath'>;
  documents: NotebookReader;
}

/** The pipeline cells of a notebook; of one without any (an imported SQL file) its SQL cells. */
export async function piecesOf(
  documents: NotebookReader,
  notebookId: string,
  documentVersion?: string,
): Promise<PipelinePiece[]> {
  const { cells } = await documents.read(notebookId, documentVersion);
  const code = cells.filter((cell) => cell.source.trim() !== '');
  const own = code.filter((cell) => cell.kind === 'pipeline');
  const chosen = own.length ? own : code.filter((cell) => cell.kind === 'sql');
  return chosen.map((cell) => ({ cellId: cell.id, text: cell.source }));
}

/** The texts of all notebooks of a pipeline, which the person may run. Throws PIPELINE_IS_EMPTY, PERMISSION_DENIED. */
export async function piecesOfPipeline(
  { access, documents }: PieceDoors,
  principal: Principal,
  pipeline: PipelineRow,
  documentVersion?: string,
): Promise<PipelinePiece[]> {
  const pieces: PipelinePiece[] = [];
  for (const [index, { notebook }] of pipeline.spec.libraries.entries()) {
    // The first notebook is known by its id, so that it may be moved and renamed.
    const own = index === 0 && pipeline.notebookId !== null;
    const object = own
      ? await access.require(principal, pipeline.notebookId!, 'run')
      : await access.requirePath(principal, pipeline.workspaceId, notebook.path, 'run');
    if (object.kind !== 'notebook')
      throw userError('INVALID_PARAMETER_VALUE', `${notebook.path} is no notebook, so it cannot be of a pipeline.`);
    pieces.push(...(await piecesOf(documents, object.id, own ? documentVersion : undefined)));
  }
  if (!pieces.length)
    throw userError(
      'PIPELINE_IS_EMPTY',
      'The pipeline defines no dataset. Add a pipeline cell with CREATE OR REFRESH STREAMING TABLE or MATERIALIZED VIEW.',
    );
  return pieces;
}
