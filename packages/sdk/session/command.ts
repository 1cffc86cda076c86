import type { Row, SchemaColumn } from '../frame/types.ts';
import type { Executed, HostBackend } from './backend.ts';

/** What a statement other than a query gave: it ran once, and its rows (of SHOW, DESCRIBE …) are there. */
export class CommandResult {
  private readonly backend: HostBackend;
  private readonly executed: Executed;

  constructor(backend: HostBackend, executed: Executed) {
    this.backend = backend;
    this.executed = executed;
  }
  async collect(): Promise<Row[]> {
    return this.executed.handle === null ? [] : this.backend.rowsOfHandle(this.executed.handle);
  }
  async first(): Promise<Row | null> {
    return (await this.collect())[0] ?? null;
  }
  async count(): Promise<number> {
    return this.executed.rowCount;
  }
  async schema(): Promise<SchemaColumn[]> {
    return this.executed.columns;
  }
  async columns(): Promise<string[]> {
    return this.executed.columns.map((column) => column.name);
  }
  /** Shows the rows in a grid; a command without rows shows nothing. */
  async display(): Promise<void> {
    if (this.executed.handle !== null) await this.backend.showHandle(this.executed.handle);
  }
  async show(): Promise<void> {
    return this.display();
  }
}
