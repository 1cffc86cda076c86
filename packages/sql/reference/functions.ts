import { isGenerator } from '../analyse/generator.ts';
import { sparkFunctionNames } from '../analyse/routine-names.ts';
import { lookupRoutine } from '../functions/index.ts';
import { isOpenToSpark } from '../spark/functions.ts';

/** What a function of Spark SQL is here. */
export interface FunctionEntry {
  name: string;
  kind: 'scalar' | 'aggregate' | 'window' | 'generator' | 'other';
  /** Arguments that the embedded engine takes; absent where it has no row for the function. */
  args?: { least: number; most: number };
  /** Another name of the same function, where this is an alias. */
  aliasOf?: string;
  /** An attached Spark runs it. */
  spark: boolean;
}

/** Every function of Spark SQL 4.2 by name, and what the library has of it. `other`: forms that the analyser itself knows. */
export function functionReference(): FunctionEntry[] {
  return sparkFunctionNames().map((name) => {
    const spark = isOpenToSpark(name);
    const row = lookupRoutine(name);
    if (!row) return { name, kind: isGenerator(name) ? 'generator' : 'other', spark };
    return {
      name,
      kind: row.kind,
      args: { least: row.minArgs, most: row.maxArgs },
      ...(row.name === name ? {} : { aliasOf: row.name }),
      spark,
    };
  });
}
