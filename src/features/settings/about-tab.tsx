'use client';
import { useMe } from '../session/use-session';

const version = process.env.NEXT_PUBLIC_BOATHOUSE_VERSION ?? '';

export function AboutTab() {
  const me = useMe().data;
  const rows: [string, React.ReactNode][] = [
    ['Version', `Boathouse ${version}`],
    ['Workspace', me ? `${me.workspace.name} (number ${me.workspace.number})` : ''],
    ['Engine', 'DuckDB, on this machine. Tables are Delta Lake files that any Delta reader opens.'],
    [
      'API',
      <a key="api" className="text-accent hover:underline" href="/api/2.0/boathouse/openapi.json">
        OpenAPI document
      </a>,
    ],
    ['Licence', 'Apache-2.0'],
  ];
  return (
    <dl className="max-w-xl overflow-hidden rounded-card border border-line bg-surface text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="flex gap-4 border-line border-b px-3 py-2 last:border-b-0">
          <dt className="w-28 shrink-0 text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
