import type { Expression } from './expression.ts';
import type { Identifier, Name, TypeRef } from './name.ts';
import type { Query } from './query.ts';
import type { Node } from './range.ts';

/** DECLARE [OR REPLACE] [VARIABLE] a, b [type] [DEFAULT | = value]. */
export interface DeclareVariable extends Node {
  kind: 'declareVariable';
  orReplace: boolean;
  names: Name[];
  type?: TypeRef;
  default?: Expression;
  /** The text of the default. */
  defaultText?: string;
}

/** SET VARIABLE a = 1, b = DEFAULT, or SET VARIABLE (a, b) = (query). In a script without the word VARIABLE. */
export interface SetVariable extends Node {
  kind: 'setVariable';
  names: Name[];
  /** One value a name; null for the word DEFAULT. Absent where a query gives them. */
  values?: (Expression | null)[];
  query?: Query;
}

/** DROP TEMPORARY VARIABLE [IF EXISTS] a. */
export interface DropVariable extends Node {
  kind: 'dropVariable';
  name: Name;
  ifExists: boolean;
}

/** EXECUTE IMMEDIATE text [INTO a, b] [USING value [AS name], …]. */
export interface ExecuteImmediate extends Node {
  kind: 'executeImmediate';
  text: Expression;
  into: Name[];
  using: { value: Expression; name?: Identifier }[];
}

export interface RoutineParameter extends Node {
  name: Identifier;
  type: TypeRef;
  default?: Expression;
  defaultText?: string;
  comment?: string;
}

/** CREATE [OR REPLACE] [TEMPORARY] FUNCTION f(…) [RETURNS …] RETURN …. */
export interface CreateFunction extends Node {
  kind: 'createFunction';
  name: Name;
  orReplace: boolean;
  ifNotExists: boolean;
  temporary: boolean;
  parameters: RoutineParameter[];
  returns?: { kind: 'type'; type: TypeRef } | { kind: 'table'; columns?: RoutineParameter[] };
  comment?: string;
  deterministic: boolean;
  body: { kind: 'expression'; value: Expression } | { kind: 'query'; query: Query };
  bodyText: string;
}

/** DROP [TEMPORARY] FUNCTION [IF EXISTS] f. */
export interface DropFunction extends Node {
  kind: 'dropFunction';
  name: Name;
  temporary: boolean;
  ifExists: boolean;
}

/** A whole script: BEGIN … END. */
export interface Script extends Node {
  kind: 'script';
  body: Block;
}

export interface Block extends Node {
  kind: 'block';
  label?: Identifier;
  conditions: { name: Identifier; sqlState?: string }[];
  handlers: Handler[];
  /** Declarations of variables come first, as the statements that they are. */
  statements: ScriptStep[];
}

export interface Handler extends Node {
  /** Upper-case names of conditions. */
  conditions: string[];
  sqlStates: string[];
  sqlException: boolean;
  notFound: boolean;
  body: Block;
}

/** A condition; `text` is a whole expression, `range` the place of its own part of the script. */
export interface ScriptCondition extends Node {
  text: string;
}

/** A statement of a script; `range` is its text. */
export type ScriptStep =
  | Block
  | (Node & { kind: 'statement'; declares: boolean })
  | (Node & { kind: 'if'; branches: { condition: ScriptCondition; body: ScriptStep[] }[]; otherwise?: ScriptStep[] })
  | (Node & {
      kind: 'loop';
      label?: Identifier;
      test?: { when: 'while' | 'until'; condition: ScriptCondition };
      body: ScriptStep[];
    })
  | (Node & { kind: 'for'; label?: Identifier; variable?: Identifier; query: Node; body: ScriptStep[] })
  | (Node & { kind: 'jump'; what: 'leave' | 'iterate'; label: Identifier });
