import type { CatalogReader, Principal, Requirement, SecurableKind } from '@boathouse/contracts';

/** More names than this are not asked about one by one: such a list is shown to who made it and to administrators. */
const MOST = 1000;

type Named = { id: string; name: string; catalog?: string; schema?: string };

const fullName = ({ catalog, schema, name }: Named): string =>
  [catalog, schema, name].filter((part) => part !== undefined).join('.');

/**
 * A reader that remembers of which securables it has told the person. What SHOW and DESCRIBE answer depends on what the
 * person may know of, so their output is for people who may know of the same: `told` gives that as BROWSE on each.
 */
export function rememberNames(reader: CatalogReader, workspaceId: string, who: Principal) {
  const known = new Map<string, Requirement>();
  let all = true;
  const note = (kind: SecurableKind, asked: Principal, items: readonly (Named | null)[]): void => {
    // An owner whose rights a view reads with is not the one who is told.
    if (asked.userId !== who.userId) return;
    for (const it of items) if (it) known.set(it.id, { kind, id: it.id, fullName: fullName(it), privilege: 'BROWSE' });
  };
  const noting = async <T extends Named>(kind: SecurableKind, asked: Principal, found: Promise<T[]>): Promise<T[]> => {
    const items = await found;
    note(kind, asked, items);
    return items;
  };
  const notingOne = async <T extends Named>(
    kind: SecurableKind,
    asked: Principal,
    found: Promise<T | null>,
  ): Promise<T | null> => {
    const item = await found;
    note(kind, asked, [item]);
    return item;
  };
  const remembering: CatalogReader = {
    ...reader,
    catalog: (asked, name) => notingOne('catalog', asked, reader.catalog(asked, name)),
    schema: (asked, ...names) => notingOne('schema', asked, reader.schema(asked, ...names)),
    table: (asked, ...names) => notingOne('table', asked, reader.table(asked, ...names)),
    volume: (asked, ...names) => notingOne('volume', asked, reader.volume(asked, ...names)),
    listCatalogs: (asked) => noting('catalog', asked, reader.listCatalogs(asked)),
    listSchemas: (asked, name) => noting('schema', asked, reader.listSchemas(asked, name)),
    listTables: (asked, ...names) => noting('table', asked, reader.listTables(asked, ...names)),
    listVolumes: (asked, ...names) => noting('volume', asked, reader.listVolumes(asked, ...names)),
    grants(asked, kind, name) {
      // Which grants are shown depends on who asks in ways that no list of names holds.
      all = false;
      return reader.grants(asked, kind, name);
    },
  };
  return {
    reader: remembering,
    told: (): Requirement[] =>
      all && known.size <= MOST
        ? [...known.values()]
        : [{ kind: 'metastore', id: workspaceId, fullName: 'metastore', privilege: 'BROWSE' }],
  };
}
