import { parseType, type ScriptScope, type SqlVariable } from '@boathouse/contracts';
import { timestampText, toWall } from '../functions/engine/calendar.ts';
import { parseTimestamp } from '../functions/engine/time-text.ts';
import type { Context } from './context.ts';
import { fail, quotedName, type Range } from './errors.ts';
import { analyse } from './expression.ts';
import type { PlanState } from './state.ts';
import type { Typed } from './typed.ts';
import { valueExpression, valueSql } from './value.ts';

export interface FoundVariable {
  variable: SqlVariable;
  /** The block of the script that holds it, by its index; absent: the session. */
  scope?: number;
  /** As Spark prints it: `system.session.x`. */
  full: string;
  /** Parts of the name behind the variable: fields of a struct. */
  fields: string[];
}

/**
 * The variable that a dotted name means: of the innermost block of the script that has it, else of the session
 * (`x`, `session.x`, `system.session.x`). The longest name wins, then come fields of a struct.
 */
export function findVariable(parts: readonly string[], state: PlanState): FoundVariable | undefined {
  const { statement } = state.options;
  const scopes = statement?.immediate ? [] : (statement?.scopes ?? []);
  for (let length = Math.min(parts.length, 3); length > 0; length--) {
    const path = parts.slice(0, length).map((part) => part.toLowerCase());
    const fields = parts.slice(length);
    const local = localVariable(path, scopes);
    if (local) return { ...local, fields };
    const [name, ...qualifier] = [path.at(-1)!, ...path.slice(0, -1)];
    const variable = isSession(qualifier) ? own(state.session.variables, name) : undefined;
    if (variable) return { variable, full: `system.session.${quoted(variable.name)}`, fields };
  }
  return undefined;
}

/** Nothing, `session` or `system.session`. */
export const isSession = (qualifier: readonly string[]): boolean =>
  ['', 'session', 'system.session'].includes(qualifier.join('.').toLowerCase());

function localVariable(path: readonly string[], scopes: readonly ScriptScope[]) {
  if (path.length > 2) return undefined;
  const [name, label] = [path.at(-1)!, path.length === 2 ? path[0] : undefined];
  for (let scope = scopes.length - 1; scope >= 0; scope--) {
    const block = scopes[scope]!;
    if (label !== undefined && block.label.toLowerCase() !== label) continue;
    const variable = own(block.variables, name);
    if (variable) return { variable, scope, full: `local.${quoted(block.label)}.${quoted(variable.name)}` };
  }
  return undefined;
}

const own = (variables: Record<string, SqlVariable> | undefined, name: string): SqlVariable | undefined =>
  variables && Object.hasOwn(variables, name) ? variables[name] : undefined;

const quoted = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : quotedName([name]));

/** The variable that a name in an expression means, as a constant; undefined where it means none. */
export function variableTyped(
  parts: readonly string[],
  context: Context,
  range: Range,
): { typed: Typed; fields: string[] } | undefined {
  const { state, environment } = context;
  const found = findVariable(parts, state);
  if (!found) return undefined;
  if (!environment.tempViews) {
    throw fail(
      'INVALID_TEMP_OBJ_REFERENCE',
      `What is kept in the catalog cannot read the variable ${quotedName(parts)}: it would outlive it.`,
      range,
    );
  }
  state.temporary.add(parts.join('.'));
  if (environment.path.length === 0) state.notColumns.add(range.start);
  const { variable, fields } = found;
  const type = parseType(variable.type);
  const plain = { ...context, grouping: undefined };
  const typed = analyse(valueExpression(type, variable.value, range), plain);
  const written = parts[parts.length - fields.length - 1]!;
  const zone = (iso: string): string => timestampText(toWall(parseTimestamp(iso, 'UTC', 0n), state.session.timeZone));
  return {
    typed: {
      ...typed,
      type,
      nullable: true,
      name: `variablereference(${found.full}=${valueSql(type, variable.value, zone)})`,
      outputName: written,
      foldable: true,
    },
    fields,
  };
}
