'use client';
import type { UploadPreview } from '@boathouse/contracts';
import { Input, Select } from '@/components/field';
import { classNames } from '@/lib/class-names';
import { columnType, isNumeric } from '../results/format-cell';

const types = ['string', 'int', 'bigint', 'double', 'decimal(18,2)', 'boolean', 'date', 'timestamp', 'timestamp_ntz'];

/** A column of the file and what becomes of it. */
export interface ChosenColumn {
  from: string;
  name: string;
  type: string;
  keep: boolean;
}

/** The first rows of the file; above each column whether it is kept, its name and its type. */
export function PreviewTable({
  preview,
  columns,
  change,
}: {
  preview: UploadPreview;
  columns: ChosenColumn[];
  change: (index: number, patch: Partial<ChosenColumn>) => void;
}) {
  return (
    <div className="max-h-80 overflow-auto rounded-card border border-line">
      <table className="w-full text-xs" aria-label="Preview">
        <thead className="sticky top-0 bg-sunken">
          <tr>
            {columns.map((column, index) => (
              <th
                key={column.from}
                scope="col"
                className="min-w-36 border-line border-b p-1.5 text-left font-normal align-top"
              >
                <div className="flex items-center gap-1">
                  <input
                    type="checkbox"
                    aria-label={`Keep ${column.from}`}
                    className="size-3.5 shrink-0 accent-(--accent)"
                    checked={column.keep}
                    onChange={(event) => change(index, { keep: event.target.checked })}
                  />
                  <Input
                    aria-label={`Name of ${column.from}`}
                    value={column.name}
                    disabled={!column.keep}
                    onChange={(event) => change(index, { name: event.target.value })}
                  />
                </div>
                <Select
                  aria-label={`Type of ${column.from}`}
                  className="mt-1"
                  value={column.type}
                  disabled={!column.keep}
                  onChange={(event) => change(index, { type: event.target.value })}
                >
                  {(types.includes(column.type) ? types : [column.type, ...types]).map((type) => (
                    <option key={type}>{type}</option>
                  ))}
                </Select>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, rowIndex) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have no identity
            <tr key={rowIndex}>
              {columns.map((column, index) => {
                const value = row[index];
                return (
                  <td
                    key={column.from}
                    className={classNames(
                      'max-w-60 truncate border-line border-b px-2 py-1',
                      !column.keep && 'opacity-40',
                      isNumeric(columnType(column.type)) && 'num',
                    )}
                    title={typeof value === 'string' && value.length > 30 ? value : undefined}
                  >
                    {value === null || value === undefined ? (
                      <span className="text-faint">NULL</span>
                    ) : typeof value === 'object' ? (
                      JSON.stringify(value)
                    ) : (
                      String(value)
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
