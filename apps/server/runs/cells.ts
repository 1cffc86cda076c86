import { userError } from '@boathouse/contracts';
import type { Cell } from '@boathouse/notebook';
import type { RunLanguageName } from './record.ts';

/** The shared document as the server has it. `atLeast`: a version that the caller has seen; the answer contains it. */
export interface NotebookReader {
  read(notebookId: string, atLeast?: string): Promise<{ cells: Cell[]; documentVersion: string }>;
}

export interface RunnableCell {
  source: string;
  language: RunLanguageName;
  documentVersion: string;
  /** Id of the attached engine that the cell names. */
  engine: string | null;
}

export interface Cells {
  /** The code that is run is the code that was seen. Throws RESOURCE_DOES_NOT_EXIST, UNSUPPORTED_RUN. */
  read(notebookId: string, cellId: string, atLeast: string | undefined): Promise<RunnableCell>;
}

export function createCells(documents: NotebookReader): Cells {
  return {
    async read(notebookId, cellId, atLeast) {
      const { cells, documentVersion } = await documents.read(notebookId, atLeast);
      const cell = cells.find((it) => it.id === cellId);
      if (!cell)
        throw userError('RESOURCE_DOES_NOT_EXIST', 'This cell is not in the notebook any more.', { status: 404 });
      if (cell.kind === 'markdown') throw userError('UNSUPPORTED_RUN', 'A text cell has nothing to run.');
      return { source: cell.source, language: cell.kind, documentVersion, engine: cell.engine };
    },
  };
}
