import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal, Privilege } from '@boathouse/contracts';
import {
  type Chain,
  effectiveGrants,
  everybody,
  type GrantEntry,
  holds,
  missing,
  type Securable,
  visible,
} from './index.ts';

const ann: Principal = { userId: 'ann', name: 'ann@x', admin: false };
const admin: Principal = { userId: 'root', name: 'root@x', admin: true };

type Owners = { catalog?: string; schema?: string; table?: string };
type Level = 'metastore' | 'catalog' | 'schema' | 'table';
const levels: Level[] = ['metastore', 'catalog', 'schema', 'table'];
const names = { metastore: 'metastore', catalog: 'c', schema: 'c.s', table: 'c.s.t' };

/** `grants` as `principal level PRIVILEGE`. */
function chainOf(grants: string[], owners: Owners = {}, depth: Level = 'table'): Chain {
  const securables = levels.slice(0, levels.indexOf(depth) + 1).map(
    (kind): Securable => ({
      kind,
      id: kind,
      fullName: names[kind],
      ownerId: (kind === 'metastore' ? undefined : owners[kind]) ?? 'nobody',
    }),
  );
  const entries = grants.map((text): GrantEntry => {
    const [, who, kind, privilege] = /^(\w+|account users) (metastore|catalog|schema|table) (.+)$/.exec(text)!;
    return { kind: kind as Level, securableId: kind!, principalId: who!, privilege: privilege as Privilege };
  });
  return { securables, grants: entries };
}

const use = ['ann catalog USE CATALOG', 'ann schema USE SCHEMA'];

const selectCases: { name: string; grants: string[]; owners?: Owners; lacks: string | null }[] = [
  { name: 'nothing granted', grants: [], lacks: 'USE CATALOG c' },
  { name: 'SELECT alone', grants: ['ann table SELECT'], lacks: 'USE CATALOG c' },
  { name: 'SELECT and USE CATALOG', grants: ['ann table SELECT', 'ann catalog USE CATALOG'], lacks: 'USE SCHEMA c.s' },
  { name: 'both USE, no SELECT', grants: use, lacks: 'SELECT c.s.t' },
  { name: 'both USE and SELECT', grants: [...use, 'ann table SELECT'], lacks: null },
  { name: 'SELECT on the schema', grants: [...use, 'ann schema SELECT'], lacks: null },
  { name: 'SELECT on the catalog', grants: [...use, 'ann catalog SELECT'], lacks: null },
  {
    name: 'USE SCHEMA on the catalog',
    grants: ['ann catalog USE CATALOG', 'ann catalog USE SCHEMA', 'ann table SELECT'],
    lacks: null,
  },
  { name: 'everything to everybody', grants: ['account users catalog ALL PRIVILEGES'], lacks: null },
  { name: 'ALL PRIVILEGES on the table', grants: [...use, 'ann table ALL PRIVILEGES'], lacks: null },
  {
    name: 'ALL PRIVILEGES on the schema gives USE SCHEMA too',
    grants: ['ann catalog USE CATALOG', 'ann schema ALL PRIVILEGES'],
    lacks: null,
  },
  { name: 'MODIFY is not SELECT', grants: [...use, 'ann table MODIFY'], lacks: 'SELECT c.s.t' },
  { name: 'MANAGE is not SELECT', grants: [...use, 'ann table MANAGE'], lacks: 'SELECT c.s.t' },
  { name: 'BROWSE is not SELECT', grants: [...use, 'ann catalog BROWSE'], lacks: 'SELECT c.s.t' },
  { name: "another person's grant", grants: [...use, 'bob table SELECT'], lacks: 'SELECT c.s.t' },
  { name: 'the owner of the table still needs USE', grants: [], owners: { table: 'ann' }, lacks: 'USE CATALOG c' },
  { name: 'the owner of the table with USE', grants: use, owners: { table: 'ann' }, lacks: null },
  {
    name: 'the owner of the schema does not read its tables',
    grants: ['ann catalog USE CATALOG'],
    owners: { schema: 'ann' },
    lacks: 'SELECT c.s.t',
  },
  {
    name: 'the owner of the catalog does not read its tables',
    grants: [],
    owners: { catalog: 'ann' },
    lacks: 'USE SCHEMA c.s',
  },
];

for (const { name, grants, owners, lacks } of selectCases) {
  test(`reading a table with ${name}: ${lacks ? `lacks ${lacks}` : 'is allowed'}`, () => {
    const first = missing(ann, chainOf(grants, owners), 'SELECT');
    assert.equal(first && `${first.privilege} ${first.securable.fullName}`, lacks);
  });
}

const manageCases: { name: string; grants: string[]; owners?: Owners; may: boolean }[] = [
  { name: 'nobody in particular', grants: [], may: false },
  { name: 'the owner', grants: [], owners: { table: 'ann' }, may: true },
  { name: 'the owner of the schema', grants: [], owners: { schema: 'ann' }, may: true },
  { name: 'the owner of the catalog', grants: [], owners: { catalog: 'ann' }, may: true },
  { name: 'a holder of MANAGE on the catalog', grants: ['ann catalog MANAGE'], may: true },
  { name: 'a holder of ALL PRIVILEGES', grants: ['ann table ALL PRIVILEGES'], may: false },
];
for (const { name, grants, owners, may } of manageCases) {
  test(`${name} ${may ? 'may' : 'may not'} change the grants of a table`, () => {
    assert.equal(missing(ann, chainOf(grants, owners), 'MANAGE') === null, may);
  });
}

const visibleCases: { name: string; grants: string[]; owners?: Owners; depth?: Level; sees: boolean }[] = [
  { name: 'no grant', grants: [], sees: false },
  { name: 'USE on what it lies in', grants: use, sees: false },
  { name: 'SELECT on it', grants: ['ann table SELECT'], sees: true },
  { name: 'SELECT on the catalog', grants: ['ann catalog SELECT'], sees: true },
  { name: 'BROWSE on the catalog', grants: ['ann catalog BROWSE'], sees: true },
  { name: 'CREATE TABLE on the schema', grants: ['ann schema CREATE TABLE'], sees: false },
  { name: 'READ VOLUME on the schema', grants: ['ann schema READ VOLUME'], sees: false },
  { name: 'ownership of the schema', grants: [], owners: { schema: 'ann' }, sees: true },
  { name: 'a grant to everybody', grants: ['account users table SELECT'], sees: true },
  { name: 'USE SCHEMA, for the schema itself', grants: ['ann schema USE SCHEMA'], depth: 'schema', sees: true },
  { name: 'SELECT on the catalog, for a schema', grants: ['ann catalog SELECT'], depth: 'schema', sees: true },
  { name: 'USE CATALOG, for a schema', grants: ['ann catalog USE CATALOG'], depth: 'schema', sees: false },
  {
    name: 'CREATE SCHEMA, for the catalog itself',
    grants: ['ann catalog CREATE SCHEMA'],
    depth: 'catalog',
    sees: true,
  },
];
for (const { name, grants, owners, depth, sees } of visibleCases) {
  test(`with ${name} a securable is ${sees ? 'visible' : 'hidden'}`, () => {
    assert.equal(visible(ann, chainOf(grants, owners, depth)), sees);
  });
}

test('an administrator sees, reads and manages everything', () => {
  const chain = chainOf([]);
  assert.ok(visible(admin, chain));
  assert.equal(missing(admin, chain, 'SELECT'), null);
  assert.ok(holds(admin, chain, 'MANAGE'));
});

test('grants in force name the securable that they come from, and leave out what says nothing here', () => {
  const chain = chainOf([...use, 'ann table SELECT', 'bob schema MODIFY', `${everybody} catalog CREATE SCHEMA`]);
  const shown = effectiveGrants(chain, (id) => id.toUpperCase()).map(
    (it) => `${it.principal} ${it.privilege} ${it.inheritedFrom ?? 'here'}`,
  );
  assert.deepEqual(shown, ['ANN SELECT here', 'BOB MODIFY c.s']);
});
