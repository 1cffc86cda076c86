import type { DataType } from '@boathouse/contracts';
import { duckTypeOf } from '@boathouse/sql/engine-functions';
import {
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';

/** Quotes a name for DuckDB. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** Quotes text as a DuckDB string literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** One file's path as text for the engine's readers, which would take `*`, `?` and `[` in a file's name for a pattern. */
export const quoteFile = (path: string): string => quoteText(path.replace(/[*?[]/g, '[$&]'));

const special = { interval: 'INTERVAL', calendar_interval: 'INTERVAL', variant: 'JSON', time: 'TIME' } as const;

/** The DuckDB type of a Spark type where the engine's own values meet tables, files and results. */
export const duckType = (type: DataType): string => duckTypeOf(type, (kind) => special[kind]);

const idOf: Partial<Record<DataType['kind'], DuckDBTypeId[]>> = {
  boolean: [DuckDBTypeId.BOOLEAN],
  tinyint: [DuckDBTypeId.TINYINT],
  smallint: [DuckDBTypeId.SMALLINT],
  int: [DuckDBTypeId.INTEGER],
  bigint: [DuckDBTypeId.BIGINT],
  float: [DuckDBTypeId.FLOAT],
  double: [DuckDBTypeId.DOUBLE],
  string: [DuckDBTypeId.VARCHAR],
  char: [DuckDBTypeId.VARCHAR],
  varchar: [DuckDBTypeId.VARCHAR],
  variant: [DuckDBTypeId.VARCHAR],
  binary: [DuckDBTypeId.BLOB],
  date: [DuckDBTypeId.DATE],
  timestamp: [DuckDBTypeId.TIMESTAMP_TZ],
  timestamp_ntz: [DuckDBTypeId.TIMESTAMP],
  time: [DuckDBTypeId.TIME],
  // The planner may have printed an interval already.
  interval: [DuckDBTypeId.INTERVAL, DuckDBTypeId.VARCHAR],
  calendar_interval: [DuckDBTypeId.INTERVAL, DuckDBTypeId.VARCHAR],
};

/** Whether vectors of the engine's type can be read as the Spark type without a cast. */
export function sameType(duck: DuckDBType, type: DataType): boolean {
  switch (type.kind) {
    // Every value is NULL, whatever the engine calls its type.
    case 'void':
      return true;
    case 'decimal': {
      if (duck.typeId !== DuckDBTypeId.DECIMAL) return false;
      const decimal = duck as DuckDBDecimalType;
      return decimal.width === type.precision && decimal.scale === type.scale;
    }
    case 'array':
      return duck.typeId === DuckDBTypeId.LIST && sameType((duck as DuckDBListType).valueType, type.element);
    case 'map': {
      if (duck.typeId !== DuckDBTypeId.MAP) return false;
      const map = duck as DuckDBMapType;
      return sameType(map.keyType, type.key) && sameType(map.valueType, type.value);
    }
    case 'struct': {
      if (duck.typeId !== DuckDBTypeId.STRUCT) return false;
      const struct = duck as DuckDBStructType;
      return (
        struct.entryCount === type.fields.length &&
        type.fields.every((field, i) => sameType(struct.entryTypes[i]!, field.type))
      );
    }
    default:
      return idOf[type.kind]!.includes(duck.typeId);
  }
}

const simpleOf: Partial<Record<DuckDBTypeId, DataType>> = {
  [DuckDBTypeId.BOOLEAN]: { kind: 'boolean' },
  [DuckDBTypeId.TINYINT]: { kind: 'tinyint' },
  [DuckDBTypeId.SMALLINT]: { kind: 'smallint' },
  [DuckDBTypeId.UTINYINT]: { kind: 'smallint' },
  [DuckDBTypeId.INTEGER]: { kind: 'int' },
  [DuckDBTypeId.USMALLINT]: { kind: 'int' },
  [DuckDBTypeId.BIGINT]: { kind: 'bigint' },
  [DuckDBTypeId.UINTEGER]: { kind: 'bigint' },
  [DuckDBTypeId.UBIGINT]: { kind: 'decimal', precision: 20, scale: 0 },
  [DuckDBTypeId.HUGEINT]: { kind: 'decimal', precision: 38, scale: 0 },
  [DuckDBTypeId.UHUGEINT]: { kind: 'decimal', precision: 38, scale: 0 },
  [DuckDBTypeId.FLOAT]: { kind: 'float' },
  [DuckDBTypeId.DOUBLE]: { kind: 'double' },
  [DuckDBTypeId.VARCHAR]: { kind: 'string' },
  [DuckDBTypeId.ENUM]: { kind: 'string' },
  [DuckDBTypeId.UUID]: { kind: 'string' },
  [DuckDBTypeId.BIT]: { kind: 'string' },
  [DuckDBTypeId.TIME]: { kind: 'string' },
  [DuckDBTypeId.TIME_TZ]: { kind: 'string' },
  [DuckDBTypeId.TIME_NS]: { kind: 'string' },
  [DuckDBTypeId.INTERVAL]: { kind: 'string' },
  [DuckDBTypeId.SQLNULL]: { kind: 'string' },
  [DuckDBTypeId.BLOB]: { kind: 'binary' },
  [DuckDBTypeId.GEOMETRY]: { kind: 'binary' },
  [DuckDBTypeId.DATE]: { kind: 'date' },
  [DuckDBTypeId.TIMESTAMP]: { kind: 'timestamp_ntz' },
  [DuckDBTypeId.TIMESTAMP_S]: { kind: 'timestamp_ntz' },
  [DuckDBTypeId.TIMESTAMP_MS]: { kind: 'timestamp_ntz' },
  [DuckDBTypeId.TIMESTAMP_NS]: { kind: 'timestamp_ntz' },
  [DuckDBTypeId.TIMESTAMP_TZ]: { kind: 'timestamp' },
};

/** The Spark type that holds values of an engine type; what Spark has no type for becomes text. */
export function sparkType(duck: DuckDBType): DataType {
  switch (duck.typeId) {
    case DuckDBTypeId.DECIMAL: {
      const decimal = duck as DuckDBDecimalType;
      return { kind: 'decimal', precision: decimal.width, scale: decimal.scale };
    }
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return { kind: 'array', element: sparkType((duck as DuckDBListType).valueType), containsNull: true };
    case DuckDBTypeId.MAP: {
      const { keyType, valueType } = duck as DuckDBMapType;
      return { kind: 'map', key: sparkType(keyType), value: sparkType(valueType), valueContainsNull: true };
    }
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = duck as DuckDBStructType;
      return {
        kind: 'struct',
        fields: entryNames.map((name, i) => ({ name, type: sparkType(entryTypes[i]!), nullable: true })),
      };
    }
    default:
      return simpleOf[duck.typeId] ?? { kind: 'string' };
  }
}
