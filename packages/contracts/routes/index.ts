/** Every route of the API, one file per area. A route that is not here does not exist. */

export * from './catalog-browser.ts';
export * from './dashboards.ts';
export * from './databricks-pipelines.ts';
export * from './engines.ts';
export * from './files.ts';
export * from './job-pages.ts';
export * from './job-settings.ts';
export * from './jobs.ts';
export * from './members.ts';
export * from './notebooks.ts';
export * from './objects.ts';
export * from './permissions.ts';
export * from './pipelines.ts';
export * from './query-values.ts';
export * from './results.ts';
export * from './runs.ts';
export * from './session.ts';
export * from './statements.ts';
export * from './tokens.ts';
export * from './unity-catalog.ts';
export * from './uploads.ts';
export * from './warehouses.ts';
export * from './workspace.ts';
