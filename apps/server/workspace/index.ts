export { type Access, createAccess, includes, type ObjectRow, objectView, parentOf } from './access.ts';
export { EVERYBODY, homePath } from './homes.ts';
export { createObjects, type NewObject, type WorkspaceObjects } from './objects.ts';
export { createSharing, type Sharing } from './sharing.ts';
