import type { Figure } from '../support.ts';
import { benchFrontEnd } from './front-end.ts';
import { benchTpch } from './tpch.ts';

/** `npm run bench -- sql [front-end tpch sf10]`. */
export async function benchSql(names: readonly string[]): Promise<Figure[]> {
  const wants = (name: string) => names.length === 0 || names.includes(name);
  const figures: Figure[] = [];
  if (wants('front-end')) figures.push(...(await benchFrontEnd()));
  if (wants('tpch')) figures.push(...(await benchTpch(1)));
  if (names.includes('sf10')) figures.push(...(await benchTpch(10)));
  return figures;
}
