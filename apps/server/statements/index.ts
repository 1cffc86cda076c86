export { createStatements, type StatementCaller, type Statements } from './service.ts';
export { ENGINE_WAREHOUSE, engineWarehouse } from './warehouses.ts';
