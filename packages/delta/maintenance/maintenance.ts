import type { DeltaRoom } from '../room.ts';
import { analyze } from './analyze.ts';
import { clone } from './clone.ts';
import { convert } from './convert.ts';
import { fsck } from './fsck.ts';
import { generateManifest } from './manifest.ts';
import { optimize } from './optimize.ts';
import { reorg } from './reorg.ts';
import { restore } from './restore.ts';
import type { MaintenanceOperations } from './types.ts';
import { vacuum } from './vacuum.ts';

/** The operations that keep a table fast, small and sound. */
export const createMaintenanceOperations = (room: DeltaRoom): MaintenanceOperations => ({
  optimize: (location, request = {}) => optimize(room, location, request),
  reorg: (location, request = {}) => reorg(room, location, request),
  vacuum: (location, request = {}) => vacuum(room, location, request),
  restore: (location, request) => restore(room, location, request),
  clone: (source, location, request) => clone(room, source, location, request),
  convert: (location, request = {}) => convert(room, location, request),
  analyze: (location, request = {}) => analyze(room, location, request),
  generateManifest: (location) => generateManifest(room, location),
  fsck: (location, request = {}) => fsck(room, location, request),
});
