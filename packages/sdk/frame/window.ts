import { SdkError } from '../sql/text.ts';
import { type ColumnOrName, named, type Sortable, sorted } from './column.ts';

/** The rows that a window function sees: groups, their order, and of these the frame around the current row. */
export class Window {
  /** Ends of a frame; the current row is 0, rows before it are negative. */
  static readonly unboundedPreceding = Number.NEGATIVE_INFINITY;
  static readonly unboundedFollowing = Number.POSITIVE_INFINITY;
  static readonly currentRow = 0;
  private readonly partition: readonly string[];
  private readonly order: readonly string[];
  private readonly frame: string;
  constructor(partition: readonly string[] = [], order: readonly string[] = [], frame = '') {
    this.partition = partition;
    this.order = order;
    this.frame = frame;
  }
  static partitionBy(...columns: readonly ColumnOrName[]): Window {
    return new Window().partitionBy(...columns);
  }
  static orderBy(...columns: readonly Sortable[]): Window {
    return new Window().orderBy(...columns);
  }
  static rowsBetween(start: number, end: number): Window {
    return new Window().rowsBetween(start, end);
  }
  static rangeBetween(start: number, end: number): Window {
    return new Window().rangeBetween(start, end);
  }
  partitionBy(...columns: readonly ColumnOrName[]): Window {
    return new Window(
      columns.map((column) => named(column).operand),
      this.order,
      this.frame,
    );
  }
  orderBy(...columns: readonly Sortable[]): Window {
    return new Window(
      this.partition,
      columns.map((column) => sorted(column).sql),
      this.frame,
    );
  }
  /** From so many rows before (negative) or after the current one to so many. */
  rowsBetween(start: number, end: number): Window {
    for (const bound of [start, end])
      if (Number.isFinite(bound) && !Number.isSafeInteger(bound))
        throw new SdkError('BAD_VALUE', 'rowsBetween takes whole numbers of rows.');
    return new Window(this.partition, this.order, frame('ROWS', start, end));
  }
  /** Rows whose value of the ORDER BY column lies so far below (negative) or above the current row's. */
  rangeBetween(start: number, end: number): Window {
    return new Window(this.partition, this.order, frame('RANGE', start, end));
  }
  get sql(): string {
    const parts = [
      this.partition.length ? `PARTITION BY ${this.partition.join(', ')}` : '',
      this.order.length ? `ORDER BY ${this.order.join(', ')}` : '',
      this.frame,
    ];
    return parts.filter(Boolean).join(' ');
  }
}

function frame(unit: 'ROWS' | 'RANGE', start: number, end: number): string {
  if (!(start <= end)) throw new SdkError('BAD_VALUE', 'The start of a frame lies after its end.');
  return `${unit} BETWEEN ${bound(start)} AND ${bound(end)}`;
}

function bound(distance: number): string {
  const side = distance < 0 ? 'PRECEDING' : 'FOLLOWING';
  if (distance === 0) return 'CURRENT ROW';
  return `${Number.isFinite(distance) ? Math.abs(distance) : 'UNBOUNDED'} ${side}`;
}
