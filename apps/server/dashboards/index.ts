export { createTileRunner, type TileRunner } from './runner.ts';
export { createDashboards, type DashboardCaller, type Dashboards } from './service.ts';
export { createTileStore, type TileStore } from './store.ts';
