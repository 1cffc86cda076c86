/** Places of things in the workspace's pages. */
const part = encodeURIComponent;

export const links = {
  catalog: (name: string) => `/catalog/${part(name)}`,
  schema: (catalog: string, schema: string) => `/catalog/${part(catalog)}/${part(schema)}`,
  table: (catalog: string, schema: string, table: string) => `/catalog/${part(catalog)}/${part(schema)}/${part(table)}`,
  volume: (catalog: string, schema: string, volume: string) =>
    `/catalog/${part(catalog)}/${part(schema)}/${part(volume)}?kind=volume`,
  notebook: (id: string) => `/notebook/${part(id)}`,
  dashboard: (id: string) => `/dashboards/${part(id)}`,
  folder: (path: string) => `/workspace?path=${part(path)}`,
  job: (id: string) => `/jobs/${part(id)}`,
  pipeline: (id: string) => `/pipelines/${part(id)}`,
};
