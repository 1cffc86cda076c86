import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import { joinPath } from '../schema/path.ts';
import type { DeltaField } from '../schema/types.ts';
import type { Snapshot } from '../types.ts';
import { pack } from './bins.ts';
import type { Curve } from './curve.ts';

/**
 * PROTOCOL.md "Clustered Table": the clustering columns are in the domain `delta.clustering`, by physical names. Files that were
 * clustered together form a cube and say so in their tags, which are Spark's: either engine sees what the other has done.
 */
const DOMAIN = 'delta.clustering';
export const CLUSTERING_PROVIDER = 'liquid';
const CUBE_ID = 'ZCUBE_ID';
const CUBE_COLUMNS = 'ZCUBE_ZORDER_BY';
const CUBE_CURVE = 'ZCUBE_ZORDER_CURVE';

const Domain = z.object({ clusteringColumns: z.array(z.array(z.string())) });
const Columns = z.array(z.string());

/** Paths of the clustering columns by logical names; empty where the table has none. */
export function clusteringColumns(snapshot: Snapshot): string[][] {
  const text = snapshot.domain(DOMAIN);
  if (text === null) return [];
  const parsed = Domain.safeParse(JSON.parse(text));
  if (!parsed.success) return [];
  const mode = mappingMode(snapshot.metadata.configuration);
  return parsed.data.clusteringColumns.flatMap((physical) => {
    const path: string[] = [];
    let fields: readonly DeltaField[] = snapshot.fields;
    for (const part of physical) {
      const field = fields.find((candidate) => physicalName(candidate, mode) === part);
      if (!field) return [];
      path.push(field.name);
      fields = field.type.kind === 'struct' ? field.type.fields : [];
    }
    return [path];
  });
}

/**
 * A cube of this many bytes is left alone by later clustering: new files then form cubes of their own. Spark's number (100 GB)
 * is for many machines; here one machine sorts a cube.
 */
export const MIN_CUBE_SIZE = 4 * 2 ** 30;
export const TARGET_CUBE_SIZE = 6 * 2 ** 30;

export interface Cubes {
  /** Files to be clustered anew, those of one new cube together. */
  bins: AddFile[][];
  /** How many cubes the considered files were in, and which files. */
  inputCubes: number;
  inputCubeFiles: AddFile[];
  inputOtherFiles: AddFile[];
}

/** Which files are clustered anew: those in no cube, in small cubes, and with `full` those of other clustering columns. Pure. */
export function selectCubes(files: readonly AddFile[], columns: readonly string[][], full: boolean): Cubes {
  const wanted = columnsText(columns);
  const cubeOf = (file: AddFile) => file.tags?.[CUBE_ID] ?? null;
  const sorted = [...files].sort((left, right) => compare(cubeOf(left) ?? '', cubeOf(right) ?? ''));
  const isForeign = (file: AddFile) =>
    (file.clusteringProvider !== undefined && file.clusteringProvider !== CLUSTERING_PROVIDER) ||
    (cubeOf(file) !== null && normalized(file.tags?.[CUBE_COLUMNS] ?? '[]') !== wanted);
  const own = sorted.filter((file) => !isForeign(file));
  const foreign = full ? sorted.filter(isForeign) : [];

  const sizes = new Map<string, number>();
  for (const file of own) {
    const cube = cubeOf(file);
    if (cube !== null) sizes.set(cube, (sizes.get(cube) ?? 0) + file.size);
  }
  const small = own.filter((file) => {
    const cube = cubeOf(file);
    return cube === null || (sizes.get(cube) ?? 0) < MIN_CUBE_SIZE;
  });
  const cubes = new Set(small.map(cubeOf));
  // One cube, and nothing else: it is clustered as well as it can be. A full run clusters what there is.
  const isDone = !full && cubes.size === 1 && !cubes.has(null);
  const chosen = full ? [...own, ...foreign] : isDone ? [] : small;
  const inCube = files.filter((file) => cubeOf(file) !== null);
  return {
    bins: pack(chosen, TARGET_CUBE_SIZE),
    inputCubes: new Set(inCube.map(cubeOf)).size,
    inputCubeFiles: inCube,
    inputOtherFiles: files.filter((file) => cubeOf(file) === null),
  };
}

/** As Spark: of one column its order, of several Hilbert's curve. */
export const curveOf = (columns: readonly string[][]): Curve => (columns.length > 1 ? 'hilbert' : 'zorder');

export const cubeTags = (id: string, columns: readonly string[][]): Record<string, string> => ({
  [CUBE_ID]: id,
  [CUBE_COLUMNS]: columnsText(columns),
  [CUBE_CURVE]: curveOf(columns),
});

const columnsText = (columns: readonly string[][]): string => JSON.stringify(columns.map(joinPath));

function normalized(text: string): string {
  try {
    return JSON.stringify(Columns.parse(JSON.parse(text)));
  } catch {
    return text;
  }
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
