import type { DataType } from '@boathouse/contracts';
import type { DuckDBDecimalType, DuckDBListType, DuckDBMapType, DuckDBStructType, DuckDBType } from '@duckdb/node-api';
import { DuckDBTypeId } from '@duckdb/node-api';
import type { DataType as ArrowType } from 'apache-arrow';
import type { Builder } from './builder.ts';
import { BoolBuilder, DecimalBuilder, FixedBuilder, NullBuilder } from './fixed.ts';
import { ListBuilder, StructBuilder } from './nested.ts';
import { IntervalBuilder, StringBuilder } from './text.ts';

export type { Builder } from './builder.ts';

/** The builder for a Spark type from vectors of the engine's type (`sameType` holds). */
export function builderFor(type: DataType, duck: DuckDBType, arrow: ArrowType): Builder {
  switch (type.kind) {
    case 'void':
      return new NullBuilder(arrow);
    case 'boolean':
      return new BoolBuilder(arrow);
    case 'tinyint':
      return new FixedBuilder(arrow, 1, (bytes) => new Int8Array(bytes.buffer));
    case 'smallint':
      return new FixedBuilder(arrow, 2, (bytes) => new Int16Array(bytes.buffer));
    case 'int':
    case 'date':
      return new FixedBuilder(arrow, 4, (bytes) => new Int32Array(bytes.buffer));
    case 'float':
      return new FixedBuilder(arrow, 4, (bytes) => new Float32Array(bytes.buffer));
    case 'double':
      return new FixedBuilder(arrow, 8, (bytes) => new Float64Array(bytes.buffer));
    case 'bigint':
    case 'timestamp':
    case 'timestamp_ntz':
    case 'time':
      return new FixedBuilder(arrow, 8, (bytes) => new BigInt64Array(bytes.buffer));
    case 'decimal':
      return new DecimalBuilder(arrow, (duck as DuckDBDecimalType).width);
    case 'interval':
    case 'calendar_interval':
      if (duck.typeId === DuckDBTypeId.INTERVAL) return new IntervalBuilder(arrow, type);
      return new StringBuilder(arrow);
    case 'string':
    case 'char':
    case 'varchar':
    case 'variant':
    case 'binary':
      return new StringBuilder(arrow);
    case 'array':
      return new ListBuilder(
        arrow,
        builderFor(type.element, (duck as DuckDBListType).valueType, arrow.children[0]!.type),
      );
    case 'map': {
      const { keyType, valueType } = duck as DuckDBMapType;
      const entries = arrow.children[0]!.type;
      const fields = [
        builderFor(type.key, keyType, entries.children[0]!.type),
        builderFor(type.value, valueType, entries.children[1]!.type),
      ];
      return new ListBuilder(arrow, new StructBuilder(entries, fields));
    }
    case 'struct': {
      const { entryTypes } = duck as DuckDBStructType;
      return new StructBuilder(
        arrow,
        type.fields.map((field, i) => builderFor(field.type, entryTypes[i]!, arrow.children[i]!.type)),
      );
    }
  }
}
