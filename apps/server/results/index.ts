export { storeLocal } from './local.ts';
export { expired, findResult, resultExpired, serveDownload, serveWindow } from './serve.ts';
export { createResultSweeper, type ResultSweeper } from './sweeper.ts';
