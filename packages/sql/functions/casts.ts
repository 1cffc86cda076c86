import type { DataType } from '@boathouse/contracts';
import { cast } from '../types/index.ts';
import type { FunctionRow } from './row.ts';

const targets: Record<string, DataType> = {
  boolean: { kind: 'boolean' },
  tinyint: { kind: 'tinyint' },
  smallint: { kind: 'smallint' },
  int: { kind: 'int' },
  bigint: { kind: 'bigint' },
  float: { kind: 'float' },
  double: { kind: 'double' },
  decimal: { kind: 'decimal', precision: 10, scale: 0 },
  date: { kind: 'date' },
  time: { kind: 'time', precision: 6 },
  timestamp: { kind: 'timestamp' },
  binary: { kind: 'binary' },
  string: { kind: 'string' },
};

/** `double(x)` and kin are casts that Spark does not print: the result is named like the value. */
export const castFunctions: FunctionRow[] = Object.entries(targets).map(([name, to]) => ({
  name,
  kind: 'scalar',
  minArgs: 1,
  maxArgs: 1,
  build(call) {
    const [value] = call.args as [(typeof call.args)[0]];
    const { column: _column, named: _named, ...out } = cast(value, to, call);
    return {
      ...out,
      constant: undefined,
      name: value.name,
      outputName: value.outputName,
    };
  },
}));
