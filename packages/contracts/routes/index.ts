/** Every route of the API, one file per area. A route that is not here does not exist. */
export * from './query-values.ts';
export * from './unity-catalog.ts';
export * from './permissions.ts';
export * from './files.ts';
export * from './uploads.ts';
export * from './catalog-browser.ts';
