import { unsupported } from '../analyse/errors.ts';
import type { CreateFunction, DropFunction } from '../ast/index.ts';
import type { Planned } from './planned.ts';

export function planCreateFunction(node: CreateFunction): Planned {
  throw unsupported('CREATE FUNCTION', node.range);
}

export function planDropFunction(node: DropFunction): Planned {
  throw unsupported('DROP FUNCTION', node.range);
}
