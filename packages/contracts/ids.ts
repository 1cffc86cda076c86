import { z } from 'zod';

/** Branded ids: a string that came through its schema once and is then told apart by the type checker. */
export const WorkspaceId = z.string().min(1).brand<'WorkspaceId'>();
export const UserId = z.string().min(1).brand<'UserId'>();
export const NotebookId = z.string().min(1).brand<'NotebookId'>();
export const CellId = z.string().min(1).brand<'CellId'>();
export const RunId = z.uuid().brand<'RunId'>();
export const TableId = z.uuid().brand<'TableId'>();
export const SessionId = z.string().min(1).brand<'SessionId'>();
export const ComputeId = z.string().min(1).brand<'ComputeId'>();

export type WorkspaceId = z.infer<typeof WorkspaceId>;
export type UserId = z.infer<typeof UserId>;
export type NotebookId = z.infer<typeof NotebookId>;
export type CellId = z.infer<typeof CellId>;
export type RunId = z.infer<typeof RunId>;
export type TableId = z.infer<typeof TableId>;
export type SessionId = z.infer<typeof SessionId>;
export type ComputeId = z.infer<typeof ComputeId>;
