/** The notebook as a pure thing: its document, its execution state and its file format. Shared by server and browser. */
export {
  addCell,
  type Cell,
  cellsOf,
  deleteCell,
  mergeWithNext,
  metaOf,
  moveCell,
  type NewCell,
  newNotebook,
  type Place,
  readCell,
  readCells,
  replaceCells,
  sourceOf,
  splitCell,
  updateCell,
} from './document.ts';
export {
  apply,
  type CellRun,
  type Effect,
  type Execution,
  newExecution,
  type Operation,
  type Output,
  type StaleTable,
  type Step,
} from './execution.ts';
export { exportSource, importSource, looksLikeSource } from './source.ts';
export { activeRuns, type CellStatus, cellStatus, runOf } from './status.ts';
export { codeHash, compareVersion, documentVersion } from './version.ts';
