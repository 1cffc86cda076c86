/** What one committed operation does to rows of the table (id, v). */
export type Effect =
  | { kind: 'append'; rows: readonly Row[] }
  | { kind: 'delete'; remainder: number; of: number }
  | { kind: 'update'; remainder: number; of: number; plus: number }
  | { kind: 'merge'; rows: readonly Row[] }
  /** Back to the rows of a version. */
  | { kind: 'restore'; to: number }
  /** A property is set: rows stay, and whoever worked beside it is refused. */
  | { kind: 'alter'; days: number }
  /** OPTIMIZE, checkpoints, VACUUM: rows stay. */
  | { kind: 'none' };

export interface Row {
  id: number;
  v: number;
}

export interface Committed {
  version: number;
  effect: Effect;
  /** The latest version when the operation began: it saw at least that. */
  sawAtLeast: number;
}

/** A value, or null where the row is not there. */
type Value = number | null;
interface RowState {
  /** What the row may be: more than one value where an operation may or may not have seen a concurrent blind append. */
  values: Set<Value>;
  createdAt: number;
  createdBlindly: boolean;
}

/**
 * The history of every row by the order of the log. Under WriteSerializable an operation need not see a blind append that was
 * committed after it began, so both outcomes are right for such rows; everything else, and under Serializable everything, must
 * have been seen, or have been refused.
 */
export class Model {
  private readonly serializable: boolean;
  private readonly rows = new Map<number, RowState>();
  /** States after each version. */
  private readonly states = new Map<number, Map<number, Set<Value>>>();

  constructor(serializable: boolean) {
    this.serializable = serializable;
  }

  apply({ version, effect, sawAtLeast }: Committed): void {
    switch (effect.kind) {
      case 'append':
        for (const { id, v } of effect.rows)
          this.rows.set(id, { values: new Set([v]), createdAt: version, createdBlindly: !this.serializable });
        break;
      case 'delete':
        this.change(sawAtLeast, (value) => (matches(value, effect) ? null : value));
        break;
      case 'update':
        this.change(sawAtLeast, (value) => (matches(value, effect) ? (value ?? 0) + effect.plus : value));
        break;
      case 'merge':
        for (const { id, v } of effect.rows) {
          const row = this.rows.get(id);
          if (row) row.values = new Set([v]);
          else this.rows.set(id, { values: new Set([v]), createdAt: version, createdBlindly: false });
        }
        break;
      case 'restore':
        this.rows.clear();
        for (const [id, values] of this.states.get(effect.to) ?? [])
          this.rows.set(id, { values: new Set(values), createdAt: version, createdBlindly: false });
        break;
      case 'alter':
      case 'none':
        break;
    }
    this.states.set(version, new Map([...this.rows].map(([id, row]) => [id, new Set(row.values)])));
  }

  private change(sawAtLeast: number, change: (value: Value) => Value): void {
    for (const row of this.rows.values()) {
      const changed = [...row.values].map(change);
      const mayBeUnseen = row.createdBlindly && row.createdAt > sawAtLeast;
      row.values = new Set(mayBeUnseen ? [...row.values, ...changed] : changed);
    }
  }

  /** Null, or what is wrong with the rows that were read at a version. */
  wrong(version: number, seen: readonly Row[]): string | null {
    const state = this.states.get(version);
    if (!state) return `version ${version} is not in the model`;
    const byId = new Map<number, number>();
    for (const { id, v } of seen) {
      if (byId.has(id)) return `row ${id} is there twice at version ${version}`;
      byId.set(id, v);
    }
    for (const [id, values] of state) {
      const value = byId.get(id) ?? null;
      if (!values.has(value))
        return `row ${id} is ${value} at version ${version}, and may be ${[...values].join(' or ')}`;
      byId.delete(id);
    }
    return byId.size
      ? `rows ${[...byId.keys()].join(', ')} are there at version ${version}, and nobody put them`
      : null;
  }
}

const matches = (value: Value, { remainder, of }: { remainder: number; of: number }): boolean =>
  value !== null && value % of === remainder;
