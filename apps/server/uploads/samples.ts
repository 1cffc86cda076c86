import { randomUUID } from 'node:crypto';
import { BoathouseError, Column, type Samples, type SampleTable } from '@boathouse/contracts';
import type { CatalogService } from '../catalog/index.ts';
import type { Who } from '../files/index.ts';
import type { Runs } from '../runs/index.ts';
import { type Access, homePath, type WorkspaceObjects } from '../workspace/index.ts';
import { readSample, type SampleFile, sampleFiles } from './sample-files.ts';
import { sampleCells, sampleNotebookName } from './sample-notebook.ts';
import type { Uploads } from './uploads.ts';

export interface SampleData {
  /** Loads what is missing, waits a while for it, and opens the notebook. Repeating it changes nothing. */
  load(who: Who): Promise<Samples>;
  state(who: Who): Promise<Samples>;
}

export interface SamplesOptions {
  catalog: CatalogService;
  uploads: Uploads;
  runs: Pick<Runs, 'waitFor'>;
  objects: Pick<WorkspaceObjects, 'create'>;
  access: Pick<Access, 'findPath'>;
}

const catalogName = 'main';
const schemaName = 'samples';
/** The notebook's cells should find their tables; a slow machine goes on loading while it opens. */
const waitMs = 20_000;

export function createSamples(options: SamplesOptions): SampleData {
  const { catalog, uploads, runs, objects, access } = options;
  const fullName = (name: string) => `${catalogName}.${schemaName}.${name}`;

  async function there(who: Who): Promise<Set<string>> {
    const tree = await catalog.visible(who.workspaceId, who.principal, {
      catalog: catalogName,
      schema: schemaName,
      depth: 'object',
      columns: false,
    });
    return new Set(tree.flatMap((outer) => outer.schemas.flatMap((inner) => inner.tables.map((it) => it.name))));
  }

  const notebookPath = async (who: Who) =>
    `${homePath(await catalog.emailOf(who.principal.userId))}/${sampleNotebookName}`;
  const notebook = async (who: Who): Promise<string | null> =>
    (await access.findPath(who.principal, who.workspaceId, await notebookPath(who)))?.id ?? null;

  async function loadOne(who: Who, sample: SampleFile): Promise<SampleTable> {
    const upload = await uploads.keep(who, sample.fileName, await readSample(sample));
    const runId = randomUUID();
    try {
      const preview = await uploads.preview(who, upload.uploadId, { options: {}, rows: 1 });
      const columns = preview.columns.map((column, index) => ({
        from: column.name,
        name: preview.suggestedNames[index]!,
        type: Column.parse(column).type,
      }));
      await uploads.load(who, upload.uploadId, {
        runId,
        catalog: catalogName,
        schema: schemaName,
        table: sample.name,
        mode: 'create',
        format: preview.format,
        options: preview.options,
        columns,
        comment: sample.comment,
      });
    } catch (error) {
      await uploads.discard(who, upload.uploadId);
      // Two people pressed the button: the other one's import makes the table.
      const taken =
        error instanceof BoathouseError &&
        (error.code === 'TABLE_BEING_CREATED' || error.code === 'TABLE_OR_VIEW_ALREADY_EXISTS');
      if (taken) return { name: sample.name, fullName: fullName(sample.name), runId: null, state: 'loading' };
      throw error;
    }
    const run = await runs.waitFor(runId, waitMs);
    if (run.error) throw BoathouseError.fromInfo(run.error);
    return {
      name: sample.name,
      fullName: fullName(sample.name),
      runId,
      state: run.state === 'succeeded' ? 'ready' : 'loading',
    };
  }

  return {
    async state(who) {
      const ready = await there(who);
      const tables = sampleFiles
        .filter((it) => ready.has(it.name))
        .map((it): SampleTable => ({ name: it.name, fullName: fullName(it.name), runId: null, state: 'ready' }));
      return { tables, notebookId: await notebook(who) };
    },

    async load(who) {
      const { workspaceId, principal } = who;
      const ready = await there(who);
      if (ready.size === 0 && !(await catalog.reader(workspaceId).schema(principal, catalogName, schemaName))) {
        await catalog.perform(workspaceId, principal, {
          command: 'createSchema',
          catalog: catalogName,
          name: schemaName,
          ifNotExists: true,
          comment: 'Sample data to explore',
        });
      }
      const tables = await Promise.all(
        sampleFiles.map(
          async (sample): Promise<SampleTable> =>
            ready.has(sample.name)
              ? { name: sample.name, fullName: fullName(sample.name), runId: null, state: 'ready' }
              : loadOne(who, sample),
        ),
      );
      const notebookId =
        (await notebook(who)) ??
        (
          await objects.create(principal, workspaceId, {
            kind: 'notebook',
            path: await notebookPath(who),
            cells: sampleCells(),
          })
        ).id;
      return { tables, notebookId };
    },
  };
}
