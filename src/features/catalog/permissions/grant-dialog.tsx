'use client';
import { changeGrants, type Privilege, type SecurableGrants } from '@boathouse/contracts';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Checkbox, Field, Select } from '@/components/field';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { call } from '@/lib/api';

/** What each privilege lets people do, as the dialog says it. */
const meanings: Record<Privilege, string> = {
  'ALL PRIVILEGES': 'Everything below, except MANAGE',
  BROWSE: 'See that it exists, without its data',
  'USE CATALOG': 'Reach what lies in the catalog (with a grant there)',
  'USE SCHEMA': 'Reach what lies in the schema (with a grant there)',
  'CREATE CATALOG': 'Create catalogs',
  'CREATE SCHEMA': 'Create schemas in it',
  'CREATE TABLE': 'Create tables and views in it',
  'CREATE VOLUME': 'Create volumes in it',
  'CREATE FUNCTION': 'Create SQL functions',
  EXECUTE: 'Use SQL functions',
  SELECT: 'Read rows',
  MODIFY: 'Add, change and delete rows',
  'READ VOLUME': 'List and read files',
  'WRITE VOLUME': 'Add and delete files',
  MANAGE: 'Grant to others, change and drop it',
};

export function GrantDialog({
  grants,
  people,
  onClose,
  onChanged,
}: {
  grants: SecurableGrants;
  people: { principal: string; name: string }[];
  onClose: () => void;
  onChanged: (grants: SecurableGrants) => void;
}) {
  const [principal, setPrincipal] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<Privilege>>(new Set());
  const held = new Set(
    grants.grants.filter((grant) => grant.principal === principal && !grant.inheritedFrom).map((one) => one.privilege),
  );
  const save = useMutation({
    mutationFn: () =>
      call(changeGrants, {
        body: { kind: grants.kind, fullName: grants.fullName, changes: [{ principal, add: [...chosen] }] },
      }),
    onSuccess: (next) => {
      const name = people.find((one) => one.principal === principal)?.name ?? principal;
      toast.done(`Granted ${[...chosen].join(', ')} to ${name}.`);
      onChanged(next);
      onClose();
    },
  });
  const toggle = (privilege: Privilege, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(privilege);
    else next.delete(privilege);
    setChosen(next);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Grant on ${grants.fullName}`}
      description={
        grants.kind === 'catalog' || grants.kind === 'schema' ? 'It holds for everything inside as well.' : undefined
      }
    >
      <form
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Field label="To">
          {(ids) => (
            <Select {...ids} large required value={principal} onChange={(event) => setPrincipal(event.target.value)}>
              <option value="">Choose a member</option>
              {people.map((one) => (
                <option key={one.principal} value={one.principal}>
                  {one.principal.includes('@') ? `${one.name} (${one.principal})` : one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1 font-medium text-sm">Privileges</legend>
          {grants.grantable.map((privilege) => (
            <Checkbox
              key={privilege}
              disabled={held.has(privilege)}
              checked={held.has(privilege) || chosen.has(privilege)}
              onChange={(event) => toggle(privilege, event.target.checked)}
              label={
                <span>
                  <code className="text-xs">{privilege}</code>{' '}
                  <span className="text-muted">{held.has(privilege) ? 'granted already' : meanings[privilege]}</span>
                </span>
              }
            />
          ))}
        </fieldset>
        {save.error ? <ErrorState error={save.error} /> : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={!principal || chosen.size === 0}>
            Grant
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
