import { isBuiltin } from 'node:module';
import { type BoathouseError, userError } from '@boathouse/contracts';
import type { AnyNode, ImportDeclaration, Pattern, Program, Statement, VariableDeclaration } from 'acorn';
import { FLAGS, flagSlot, POLL } from '../wire/names.ts';
import { Edits, type Span } from './edits.ts';

export interface Rewritten {
  edits: Edits;
  functions: Span[];
  names: string[];
  constants: string[];
}

/** A refusal with its offset in the JavaScript; the caller turns it into a place in the source. */
export class Refused extends Error {
  readonly code: string;
  readonly offset: number;
  constructor(code: string, message: string, offset: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/**
 * Makes a module's text run as a part of a longer program: top-level variables, classes and imports become properties of
 * the global object, the last expression is returned, and every loop looks at the flag that stops it. Lines never move.
 */
export function rewrite(code: string, program: Program, cellId: number): Rewritten {
  const edits = new Edits(code);
  const names = new Set<string>();
  const constants = new Set<string>();
  const functions: Span[] = [];
  const poll = `${FLAGS}[${flagSlot(cellId)}]&&${POLL}(${cellId});`;

  /** A declaration as assignments. `head`: of a for loop, where it is no statement. */
  function assign(node: VariableDeclaration, place: 'statement' | 'alone' | 'head'): void {
    for (const { id } of node.declarations) for (const name of boundNames(id)) names.add(name);
    edits.blank(node.start, node.start + node.kind.length);
    if (place !== 'head') edits.open(node.start, place === 'alone' ? '{' : ';');
    if (place === 'alone') edits.close(node.end, '}');
    // A line break ended the declaration; an assignment would go on.
    else if (place === 'statement' && code[node.end - 1] !== ';') edits.close(node.end, ';');
    for (const { id, init, start, end } of node.declarations) {
      if (init && id.type !== 'Identifier' && place !== 'head') {
        edits.open(start, '(');
        edits.close(end, ')');
      }
      // `var x;` leaves x as it is, `let x;` sets it.
      if (!init && node.kind !== 'var' && place !== 'head') edits.close(end, '=undefined');
    }
  }

  /** Polls in loops everywhere; `var` outside of functions belongs to the whole cell. */
  function walk(node: AnyNode, parent: AnyNode, inFunction: boolean): void {
    if (isLoop(node)) {
      const { body } = node;
      if (body.type === 'BlockStatement') edits.open(body.start + 1, poll);
      else {
        edits.open(body.start, `{${poll}`);
        edits.close(body.end, '}');
      }
    }
    if (!inFunction && node.type === 'VariableDeclaration' && node.kind === 'var' && parent.type !== 'Program') {
      const isHead =
        (parent.type === 'ForStatement' && parent.init === node) ||
        ((parent.type === 'ForInStatement' || parent.type === 'ForOfStatement') && parent.left === node);
      const inList = parent.type === 'BlockStatement' || parent.type === 'SwitchCase';
      assign(node, isHead ? 'head' : inList ? 'statement' : 'alone');
    }
    const inner = inFunction || /Function|StaticBlock|PropertyDefinition/.test(node.type);
    for (const child of children(node)) walk(child, node, inner);
  }

  function importModule(node: ImportDeclaration): void {
    const from = String(node.source.value);
    if (!isBuiltin(from))
      throw new Refused(
        'UNSUPPORTED_IMPORT',
        `Cells cannot import "${from}": only modules of Node such as "node:path" are there. The network is closed to cells.`,
        node.source.start,
      );
    const call = `await import(${JSON.stringify(from.startsWith('node:') ? from : `node:${from}`)})`;
    const parts: string[] = [];
    let text = '';
    for (const specifier of node.specifiers) {
      names.add(specifier.local.name);
      const local = specifier.local.name;
      if (specifier.type === 'ImportNamespaceSpecifier') text += `;${local}=${call};`;
      else if (specifier.type === 'ImportDefaultSpecifier') parts.push(`default:${local}`);
      else {
        const { imported } = specifier;
        parts.push(`${imported.type === 'Identifier' ? imported.name : JSON.stringify(imported.value)}:${local}`);
      }
    }
    if (parts.length) text += `;({${parts.join(',')}}=${call});`;
    edits.blank(node.start, node.end);
    edits.open(node.start, text || `;${call};`);
  }

  function returned(start: number, end: number): void {
    edits.open(start, ';return (');
    edits.close(end, ')');
  }

  const topLevel = (outer: AnyNode, index: number): void => {
    const last = index === program.body.length - 1;
    let node: AnyNode = outer;
    if (node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && node.source))
      throw new Refused('UNSUPPORTED_SYNTAX', 'A cell cannot export from another module.', node.start);
    if (node.type === 'ExportNamedDeclaration') {
      edits.blank(node.start, node.declaration?.start ?? node.end);
      if (!node.declaration) return;
      node = node.declaration;
    } else if (node.type === 'ExportDefaultDeclaration') {
      const { declaration } = node;
      edits.blank(node.start, declaration.start);
      const isExpression = !/Declaration$/.test(declaration.type);
      if (!isExpression && !('id' in declaration && declaration.id))
        throw new Refused('UNSUPPORTED_SYNTAX', 'Give what the cell exports by default a name.', node.start);
      node = declaration as AnyNode;
      if (isExpression) {
        walk(node, program, false);
        if (last) returned(node.start, node.end);
        else edits.open(node.start, ';');
        return;
      }
    }
    if (node.type === 'ImportDeclaration') {
      importModule(node);
      return;
    }
    walk(node, program, false);
    if (node.type === 'FunctionDeclaration') functions.push([node.start, node.end]);
    else if (node.type === 'VariableDeclaration') {
      // `using` keeps its meaning: the resource is released when the cell ends, and its name ends with it.
      if (node.kind === 'using' || node.kind === 'await using') return;
      assign(node, 'statement');
      if (node.kind === 'const')
        for (const { id } of node.declarations) for (const name of boundNames(id)) constants.add(name);
    } else if (node.type === 'ClassDeclaration' && node.id) {
      names.add(node.id.name);
      edits.open(node.start, `;${node.id.name}=`);
      edits.close(node.end, ';');
    } else if (last && node.type === 'ExpressionStatement') returned(node.start, node.expression.end);
  };
  program.body.forEach(topLevel);
  return { edits, functions, names: [...names], constants: [...constants] };
}

type Loop = Extract<
  AnyNode,
  { type: 'ForStatement' | 'ForInStatement' | 'ForOfStatement' | 'WhileStatement' | 'DoWhileStatement' }
> & {
  body: Statement;
};
const isLoop = (node: AnyNode): node is Loop => /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type);

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

function children(node: AnyNode): AnyNode[] {
  return Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Names that a pattern binds. */
function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === 'RestElement' ? property.argument : property.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'MemberExpression':
      return [];
  }
}

/** A refusal as the typed error that it becomes. */
export function refusal(error: unknown, code: string): { error: BoathouseError; offset: number } {
  if (error instanceof Refused) return { error: userError(error.code, error.message), offset: error.offset };
  if (error instanceof RangeError)
    return { error: userError('CELL_TOO_COMPLEX', 'The cell is nested too deeply to be run. Split it.'), offset: 0 };
  if (error instanceof SyntaxError && 'pos' in error && typeof error.pos === 'number') {
    if (code[error.pos] === '@')
      return {
        error: userError('UNSUPPORTED_SYNTAX', 'Decorators are not supported in cells: call the function yourself.'),
        offset: error.pos,
      };
    const message = error.message.replace(/ \(\d+:\d+\)$/, '');
    return { error: userError('SYNTAX_ERROR', `${message}.`), offset: error.pos };
  }
  throw error;
}
