import { type Column, parseType, typeText } from '@boathouse/contracts';

export interface NewTableText {
  catalog: string;
  schema: string;
  name: string;
  columns: readonly Column[];
  partitionColumns: readonly string[];
  comment?: string;
  properties?: Readonly<Record<string, string>>;
}

const identifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const string = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;

/**
 * A table that the API defines, as the statement that makes it: so both take one road. Types are parsed and printed anew;
 * nothing that a caller wrote gets into the text unquoted. Throws INVALID_TYPE.
 */
export function createTableText(table: NewTableText): string {
  const columns = table.columns.map((it) => {
    const comment = it.comment === undefined ? '' : ` COMMENT ${string(it.comment)}`;
    return `${identifier(it.name)} ${typeText(parseType(it.type))}${it.nullable ? '' : ' NOT NULL'}${comment}`;
  });
  const properties = Object.entries(table.properties ?? {}).map(([key, value]) => `${string(key)} = ${string(value)}`);
  return [
    `CREATE TABLE ${[table.catalog, table.schema, table.name].map(identifier).join('.')} (${columns.join(', ')})`,
    ...(table.partitionColumns.length > 0
      ? [`PARTITIONED BY (${table.partitionColumns.map(identifier).join(', ')})`]
      : []),
    ...(table.comment === undefined ? [] : [`COMMENT ${string(table.comment)}`]),
    ...(properties.length > 0 ? [`TBLPROPERTIES (${properties.join(', ')})`] : []),
  ].join(' ');
}
