/**
 * Functions that the engine calls back into JavaScript for, where DuckDB has none with Spark's meaning. Pure: values in,
 * value out; a BoathouseError thrown reaches the user as `[CODE] message`. The engine registers every one of
 * `engineFunctions` at each database that it opens.
 */
export type EngineScalar =
  | 'BOOLEAN'
  | 'INTEGER'
  | 'BIGINT'
  | 'FLOAT'
  | 'DOUBLE'
  | 'VARCHAR'
  | 'BLOB'
  | 'VARCHAR[]'
  | 'DOUBLE[]'
  | 'FLOAT[]'
  | 'FLOAT[][]'
  | 'BIGINT[]'
  | 'INTEGER[]'
  | 'BLOB[]';
/** BIGINT is bigint, BLOB bytes, lists are arrays; NULL is null. */
export type EngineValue = null | boolean | number | bigint | string | Uint8Array | EngineValue[];

export interface EngineFunction {
  name: string;
  parameters: EngineScalar[];
  /** Type of any number of further arguments. */
  rest?: EngineScalar;
  returns: EngineScalar;
  /** Called with NULL arguments too; otherwise any NULL gives NULL without a call. */
  nullAware?: boolean;
  evaluate(args: EngineValue[]): EngineValue;
}

export const engineFunction = (
  name: string,
  parameters: EngineScalar[],
  returns: EngineScalar,
  evaluate: (args: EngineValue[]) => EngineValue,
): EngineFunction => ({ name, parameters, returns, evaluate });
