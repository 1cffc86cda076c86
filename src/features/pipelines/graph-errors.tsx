import type { PipelineGraph } from '@boathouse/contracts';
import { ErrorState } from '@/components/states';
import { messageWithPlace } from '@/lib/error-place';
import { shortName } from './words';

/** What is wrong with the text of a pipeline, each with its dataset and place. */
export function GraphErrors({ graph }: { graph: PipelineGraph }) {
  return graph.errors.map((error) => {
    const message = messageWithPlace(error);
    return (
      <ErrorState
        key={`${error.cellId} ${error.dataset} ${error.code}`}
        error={{ code: error.code, message: error.dataset ? `${shortName(error.dataset)}: ${message}` : message }}
      />
    );
  });
}
