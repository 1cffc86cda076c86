import type { PipelineGraph } from '@boathouse/contracts';
import { ErrorState } from '@/components/states';
import { shortName } from './words';

/** What is wrong with the text of a pipeline, each with its dataset and place. */
export function GraphErrors({ graph }: { graph: PipelineGraph }) {
  return graph.errors.map((error) => {
    const place = error.position ? `line ${error.position.line}, column ${error.position.column}` : null;
    const where = [error.dataset ? shortName(error.dataset) : null, place].filter(Boolean).join(', ');
    return (
      <ErrorState
        key={`${error.cellId} ${error.dataset} ${error.code}`}
        error={{ code: error.code, message: where ? `${where}: ${error.message}` : error.message }}
      />
    );
  });
}
