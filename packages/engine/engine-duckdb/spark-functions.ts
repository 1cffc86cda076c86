import { BoathouseError } from '@boathouse/contracts';
import {
  type EngineFunction,
  type EngineScalar,
  type EngineValue,
  engineFunctions,
} from '@boathouse/sql/engine-functions';
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBListValue,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBVector,
  FLOAT,
  INTEGER,
  LIST,
  VARCHAR,
} from '@duckdb/node-api';

const types: Record<EngineScalar, DuckDBType> = {
  BOOLEAN,
  INTEGER,
  BIGINT,
  FLOAT,
  DOUBLE,
  VARCHAR,
  BLOB,
  'VARCHAR[]': LIST(VARCHAR),
  'DOUBLE[]': LIST(DOUBLE),
  'FLOAT[]': LIST(FLOAT),
  'FLOAT[][]': LIST(LIST(FLOAT)),
  'BIGINT[]': LIST(BIGINT),
  'INTEGER[]': LIST(INTEGER),
  'BLOB[]': LIST(BLOB),
};

function read(value: unknown): EngineValue {
  if (value instanceof DuckDBBlobValue) return value.bytes;
  if (value instanceof DuckDBListValue) return value.items.map(read);
  return value as EngineValue;
}

function write(value: EngineValue): unknown {
  if (value instanceof Uint8Array) return new DuckDBBlobValue(value);
  if (Array.isArray(value)) return new DuckDBListValue(value.map(write) as never);
  return value;
}

/** One call of the engine: a chunk of rows. A typed error stops the statement as `[CODE] message`. */
function run(func: EngineFunction, input: DuckDBDataChunk, output: DuckDBVector): void {
  const columns = Array.from({ length: input.columnCount }, (_, index) => input.getColumnVector(index));
  const args: EngineValue[] = new Array(columns.length);
  for (let row = 0; row < input.rowCount; row++) {
    let isNull = false;
    for (let index = 0; index < columns.length; index++) {
      const value = read(columns[index]!.getItem(row));
      if (value === null) isNull = true;
      args[index] = value;
    }
    output.setItem(row, isNull && !func.nullAware ? null : (write(func.evaluate(args)) as never));
  }
  output.flush();
}

/**
 * Registers what planned text calls and DuckDB does not have. Once per database: every connection of the instance sees
 * the functions.
 */
export function registerSparkFunctions(connection: DuckDBConnection): void {
  for (const func of engineFunctions) {
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name: func.name,
        parameterTypes: func.parameters.map((parameter) => types[parameter]),
        ...(func.rest ? { varArgsType: types[func.rest] } : {}),
        returnType: types[func.returns],
        specialHandling: func.nullAware === true,
        mainFunction: (info, input, output) => {
          try {
            run(func, input, output);
          } catch (error) {
            const code = error instanceof BoathouseError ? error.code : 'INTERNAL_ERROR';
            info.setError(
              `[${code}] ${error instanceof BoathouseError ? error.message : `The function ${func.name} failed.`}`,
            );
          }
        },
      }),
    );
  }
}
