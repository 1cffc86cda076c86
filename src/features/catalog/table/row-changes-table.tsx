'use client';
import type { RowChanges } from '@boathouse/contracts';
import { ErrorState, SkeletonRows } from '@/components/states';
import { Pill, type Tone } from '@/components/status';
import { formatCounted } from '@/lib/format';
import { type TableKey, useRowChanges } from '../use-catalog';

type Change = RowChanges['rows'][number]['change'];
const looks: Record<Change, { word: string; tone: Tone }> = {
  insert: { word: '+ Added', tone: 'green' },
  delete: { word: '− Removed', tone: 'red' },
  update_preimage: { word: '~ Before', tone: 'amber' },
  update_postimage: { word: '~ After', tone: 'blue' },
};
const numeric = /^(tinyint|smallint|int|bigint|float|double|decimal)/;

/** Some of the rows that differ, and how they were found. */
export function RowChangesTable({ table, from, to }: { table: TableKey; from: number; to: number }) {
  const changes = useRowChanges(table, from, to);
  const data = changes.data;
  return (
    <section aria-labelledby="compare-rows">
      <h3 id="compare-rows" className="mb-1 text-sm">
        Rows that differ
      </h3>
      {changes.error ? (
        <ErrorState error={changes.error} onRetry={() => void changes.refetch()} />
      ) : data ? (
        <>
          <p className="mb-1.5 text-muted text-xs">{explanation(data)}</p>
          {data.rows.length ? <Rows data={data} /> : null}
        </>
      ) : (
        <SkeletonRows rows={3} />
      )}
    </section>
  );
}

function explanation({ source, rows, truncated, columnsLeftOut }: RowChanges): string {
  const how = source === 'changeFeed' ? 'By the change data feed.' : 'By the rows that only one of the versions holds.';
  const left = columnsLeftOut.length ? ` Only one version has ${columnsLeftOut.join(', ')}: not compared.` : '';
  if (!rows.length) return `${how} No row differs.${left}`;
  const count = formatCounted(rows.length, source === 'changeFeed' ? 'change' : 'row');
  return `${how} ${truncated ? `The first ${count} of more.` : `${count} in all.`}${left}`;
}

function Rows({ data }: { data: RowChanges }) {
  const withVersion = data.source === 'changeFeed';
  const box = 'max-h-96 overflow-auto rounded-card border border-line';
  const head = 'sticky top-0 bg-sunken px-2.5 py-1.5 font-medium text-xs';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard
    <section tabIndex={0} aria-label="Rows that differ" className={box}>
      <table className="w-full text-sm" aria-label="Rows that differ">
        <thead>
          <tr className="text-left">
            <th scope="col" className={`${head} w-px`}>
              Change
            </th>
            {withVersion ? (
              <th scope="col" className={`${head} text-right`}>
                Version
              </th>
            ) : null}
            {data.columns.map(({ name, type }) => (
              <th key={name} scope="col" className={`${head} ${numeric.test(type) ? 'text-right' : ''}`} title={type}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.rows.map(({ change, version, values }, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity, and the list never moves
            <tr key={row} className="border-line border-t">
              <td className="h-8 px-2.5 py-1">
                <Pill tone={looks[change].tone}>{looks[change].word}</Pill>
              </td>
              {withVersion ? <td className="num px-2.5 py-1">{version}</td> : null}
              {values.map((value, index) => (
                <td
                  key={data.columns[index]!.name}
                  className={`max-w-80 truncate px-2.5 py-1 ${numeric.test(data.columns[index]!.type) ? 'num' : ''}`}
                  title={value ?? undefined}
                  dir="auto"
                >
                  {value === null ? <span className="text-muted text-xs">NULL</span> : value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
