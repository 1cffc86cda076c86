import type { FlowProgress, PipelineGraph } from '@boathouse/contracts';
import { formatCount } from '@/lib/format';
import { actionWords, flowOf, isDataset, shortName } from './words';

const share = (passed: number, failed: number): string => {
  if (!failed) return '100 %';
  // Rounding must not hide that something has failed.
  const percent = Math.min(99.9, (100 * passed) / (passed + failed));
  return `${percent.toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;
};

/** Expectations of all datasets with their counts in one update. */
export function ExpectationTable({ graph, flows }: { graph: PipelineGraph; flows: readonly FlowProgress[] }) {
  const rows = graph.nodes.filter(isDataset).flatMap((node) =>
    node.expectations.map((expectation) => ({
      dataset: node.fullName,
      expectation,
      counts: flowOf(flows, node)?.expectations.find((it) => it.name === expectation.name),
    })),
  );
  if (!rows.length) return null;
  return (
    <div className="overflow-x-auto rounded-card border border-line bg-surface">
      <table className="w-full text-sm" aria-label="Expectations">
        <thead>
          <tr className="border-line border-b text-left text-muted text-xs">
            {['Expectation', 'Condition', 'Dataset', 'When it fails'].map((title) => (
              <th key={title} scope="col" className="px-2.5 py-1.5 font-medium">
                {title}
              </th>
            ))}
            <th scope="col" className="px-2.5 py-1.5 text-right font-medium">
              Passed
            </th>
            <th scope="col" className="px-2.5 py-1.5 text-right font-medium">
              Failed
            </th>
            <th scope="col" className="w-44 px-2.5 py-1.5 font-medium">
              This update
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ dataset, expectation, counts }) => (
            <tr key={`${dataset} ${expectation.name}`} className="border-line border-b last:border-b-0">
              <td className="px-2.5 py-1.5 font-mono text-xs">{expectation.name}</td>
              <td className="max-w-72 truncate px-2.5 py-1.5 font-mono text-xs" title={expectation.expression}>
                {expectation.expression}
              </td>
              <td className="px-2.5 py-1.5">{shortName(dataset)}</td>
              <td className="px-2.5 py-1.5">{actionWords[expectation.action]}</td>
              <td className="num px-2.5 py-1.5">{counts ? formatCount(counts.passed) : '–'}</td>
              <td className="num px-2.5 py-1.5">{counts ? formatCount(counts.failed) : '–'}</td>
              <td className="px-2.5 py-1.5 text-muted text-xs">
                {counts && counts.passed + counts.failed > 0 ? (
                  <span className="flex items-center gap-2">
                    <span aria-hidden className="flex h-1.5 w-24 overflow-hidden rounded-full bg-red">
                      <span className="bg-green" style={{ flexGrow: counts.passed }} />
                      <span style={{ flexGrow: counts.failed }} />
                    </span>
                    {share(counts.passed, counts.failed)}
                  </span>
                ) : (
                  'No rows'
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
