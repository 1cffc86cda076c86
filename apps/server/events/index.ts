export { createDispatcher, type Dispatcher } from './dispatcher.ts';
export { type EventInput, type EventKind, type EventPayload, eventSchemas, isEventKind, listen } from './kinds.ts';
export { enqueue, OUTBOX_CHANNEL, type OutboxTransaction } from './outbox.ts';
export { createLogWatcher, type LogWatcher } from './watcher.ts';
