import { type Product, startProduct } from '../e2e/support/product.ts';
import { type Figure, family, median, ms, pss } from './support.ts';

/** Time from the start of the supervisor to its ready line, installed and built; the first start of a home is left out. */
export async function benchReady(token: string): Promise<{ figures: Figure[]; product: Product }> {
  const first = await startProduct({ env: { BOATHOUSE_ADMIN_TOKEN: token } });
  await first.stop();
  const times: number[] = [];
  let product: Product | null = null;
  for (let round = 0; round < 5; round++) {
    if (product) await product.stop();
    const started = performance.now();
    product = await startProduct({ home: first.home });
    times.push(performance.now() - started);
  }
  const ready = median(times);
  return {
    product: product!,
    figures: [
      {
        benchmark: 'e',
        what: 'start to ready line (median of 5)',
        ours: ms(ready),
        baseline: 'JupyterLab 4.5 s, marimo 1.6 s (measured elsewhere)',
        goal: '≤ 3,000 ms',
        met: ready <= 3000,
        values: { medianMs: ready, worstMs: Math.max(...times) },
      },
    ],
  };
}

/** Memory of all processes, 60 s after the ready line, nothing running. */
export async function benchMemory(product: Product): Promise<Figure> {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  const pids = family(product.supervisorPid);
  const parts = pids.map((pid) => pss(pid));
  const total = parts.reduce((sum, value) => sum + value, 0) / 1e6;
  return {
    benchmark: 'e',
    what: `memory of ${pids.length} processes after 60 s (sum of PSS)`,
    ours: `${Math.round(total)} MB`,
    baseline: '',
    goal: '≤ 450 MB',
    met: total <= 450,
    values: { totalMb: total, processes: pids.length },
  };
}
