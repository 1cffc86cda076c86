export * from './chart/prepare.ts';
export { fit, GRID_COLUMNS, moveTile, NEW_TILE, overlap, placeTile, settleLayout } from './layout/grid.ts';
export { type WakeEvent, type WakeState, type WakeStep, wake } from './tile/wake.ts';
