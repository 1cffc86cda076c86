import { randomUUID } from 'node:crypto';
import { type CatalogTable, type PlanBody, type SessionState, type SignedPlan, userError } from '@boathouse/contracts';
import { planStatement } from '@boathouse/sql';
import { admin, MemoryCatalog } from '../../../scripts/conformance/memory-catalog.ts';
import { signed } from './harness.ts';

/** Plans text as the server does, over a catalog in memory with one person who may do everything. */
export class Planner {
  readonly catalog = new MemoryCatalog();
  readonly texts: string[] = [];
  private session: SessionState = {
    id: 's',
    catalog: 'spark_catalog',
    schema: 'default',
    timeZone: 'UTC',
    settings: {},
    tempViews: {},
  };

  async plan(text: string, runId: string): Promise<SignedPlan> {
    this.texts.push(text);
    const { catalog, session } = this;
    const planned = await planStatement({ text, session, principal: admin, catalog, now: new Date() });
    const sign = (body: PlanBody) => signed(body, runId, { statement: text });
    if (planned.kind !== 'createTable' && planned.session) this.session = planned.session;
    if (planned.kind === 'plan') return sign(planned.body);
    if (planned.kind === 'command') {
      catalog.perform(planned.command);
      return sign({ kind: 'local', columns: [], rows: [] });
    }
    const { existing } = catalog.reserve(planned.catalog, planned.schema, planned.name);
    // Planners of one compute process share its store.
    const id = existing?.id ?? randomUUID();
    const location = existing?.location ?? `tables/${id}`;
    if (existing && !planned.orReplace) throw userError('TABLE_OR_VIEW_ALREADY_EXISTS', `${planned.name} exists.`);
    const { columns, partitionColumns, properties, query } = planned;
    const table: CatalogTable = {
      id,
      catalog: planned.catalog,
      schema: planned.schema,
      name: planned.name,
      kind: 'MANAGED',
      columns,
      partitionColumns,
      properties,
      ownerId: admin.userId,
      owner: admin.name,
      createdAtMs: 0,
      location,
    };
    catalog.publish(table);
    const target = {
      tableId: id,
      fullName: `${table.catalog}.${table.schema}.${table.name}`,
      location,
      columns,
      partitionColumns,
    };
    return sign({
      kind: 'createTable',
      target,
      tableKind: 'MANAGED',
      mode: existing ? 'replace' : 'create',
      properties,
      query,
    });
  }
}
