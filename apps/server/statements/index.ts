export { createStatements, type StatementCaller, type Statements } from './service.ts';
export { attachedWarehouse, ENGINE_WAREHOUSE, engineWarehouse } from './warehouses.ts';
