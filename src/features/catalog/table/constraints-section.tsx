'use client';
import type { Column } from '@boathouse/contracts';
import { Plus, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { AddConstraintDialog } from './add-constraint-dialog';
import { type Constraint, constraintsOf } from './constraints';
import { dropConstraintText } from './statements';
import { useTableStatement } from './use-table-statement';

/** Rules that writers keep; who manages the table adds and drops them. */
export function ConstraintsSection({
  columns,
  properties,
  fullName,
  mayEdit,
}: {
  columns: Column[];
  properties: Record<string, string> | undefined;
  fullName: string;
  mayEdit: boolean;
}) {
  const [adding, setAdding] = useState(false);
  const [dropping, setDropping] = useState<Constraint | null>(null);
  const add = mayEdit ? (
    <Button icon={Plus} onClick={() => setAdding(true)}>
      Add constraint
    </Button>
  ) : null;
  const rows = properties && constraintsOf(columns, properties);
  return (
    <section aria-labelledby="constraints">
      <header className="mb-1.5 flex min-h-7 items-center">
        <h2 id="constraints" className="mr-auto text-sm">
          Constraints
        </h2>
        {add}
      </header>
      {rows?.length === 0 ? (
        <p className="max-w-3xl text-muted text-sm">
          No constraints. A constraint refuses rows that break a rule, whoever writes them.
        </p>
      ) : (
        <DataList
          label="Constraints"
          rows={rows}
          rowKey={({ key }) => key}
          columns={[
            {
              key: 'name',
              title: 'Name or column',
              sort: ({ name }) => name,
              cell: ({ name }) => <code className="text-xs">{name}</code>,
            },
            { key: 'kind', title: 'Kind', width: '120px', sort: ({ kind }) => kind, cell: ({ kind }) => kind },
            {
              key: 'rule',
              title: 'Rule',
              cell: ({ kind, rule }) => (kind === 'Not null' ? rule : <code className="text-xs">{rule}</code>),
            },
            ...(mayEdit
              ? [
                  {
                    key: 'drop',
                    title: '',
                    width: '48px',
                    cell: (constraint: Constraint) =>
                      constraint.drop ? (
                        <IconButton
                          icon={Trash2}
                          label={`Drop ${constraint.kind.toLowerCase()} ${constraint.name}`}
                          onClick={() => setDropping(constraint)}
                        />
                      ) : null,
                  },
                ]
              : []),
          ]}
          empty={{ icon: ShieldCheck, title: 'No constraints' }}
        />
      )}
      {adding ? <AddConstraintDialog columns={columns} fullName={fullName} onClose={() => setAdding(false)} /> : null}
      {dropping ? <DropDialog constraint={dropping} fullName={fullName} onClose={() => setDropping(null)} /> : null}
    </section>
  );
}

const words: Record<'check' | 'notNull' | 'default', string> = {
  check: 'Rows that break it can then be written. Adding it again needs every row to keep it.',
  notNull: 'Rows without a value can then be written.',
  default: 'Rows that give no value get NULL from then on.',
};

function DropDialog({
  constraint: { name, kind, drop },
  fullName,
  onClose,
}: {
  constraint: Constraint;
  fullName: string;
  onClose: () => void;
}) {
  const statement = useTableStatement(fullName);
  if (!drop) return null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Drop ${kind.toLowerCase()} ${name}?`}
      description={words[drop.kind]}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            icon={Trash2}
            busy={statement.busy}
            onClick={() =>
              statement.run(dropConstraintText(fullName, drop), {
                onSuccess: () => {
                  toast.done(`Dropped ${kind.toLowerCase()} ${name}.`);
                  onClose();
                },
              })
            }
          >
            Drop
          </Button>
        </>
      }
    >
      {statement.error ? <ErrorState error={statement.error} /> : null}
    </Dialog>
  );
}
