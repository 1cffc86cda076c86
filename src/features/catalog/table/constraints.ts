import type { Column } from '@boathouse/contracts';
import { checkPrefix } from './compare';
import type { Droppable } from './statements';

/** A rule that writers keep. `drop` is null where it belongs to the column for good. */
export interface Constraint {
  key: string;
  name: string;
  kind: string;
  rule: string;
  drop: Droppable | null;
}

/** CHECK constraints of a log's properties, then what each column demands or gives by itself. */
export function constraintsOf(columns: readonly Column[], properties: Readonly<Record<string, string>>): Constraint[] {
  const checks = Object.entries(properties)
    .filter(([key]) => key.startsWith(checkPrefix))
    .map(([key, rule]): Constraint => {
      const name = key.slice(checkPrefix.length);
      return { key, name, kind: 'Check', rule, drop: { kind: 'check', name } };
    });
  return [...checks, ...columns.flatMap(rulesOf)];
}

function rulesOf({ name, nullable, default: value, generatedAs, identity }: Column): Constraint[] {
  const rules: Constraint[] = [];
  const add = (kind: string, rule: string, drop: Droppable | null) =>
    rules.push({ key: `${kind} ${name}`, name, kind, rule, drop });
  if (!nullable) add('Not null', 'Every row has a value', { kind: 'notNull', column: name });
  if (value !== undefined) add('Default', value, { kind: 'default', column: name });
  if (generatedAs !== undefined) add('Generated', generatedAs, null);
  if (identity)
    add('Identity', `${identity.always ? 'always' : 'by default'}, from ${identity.start} by ${identity.step}`, null);
  return rules;
}
