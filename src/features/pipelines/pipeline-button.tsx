'use client';
import { ChevronDown, CircleCheck, RefreshCw, Square, Workflow } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Menu } from '@/components/menu';
import type { NotebookPipeline } from './notebook-pipeline';

/** Runs all pipeline cells of a notebook as one update; while it runs, stops it. */
export function PipelineButton({ state, mayRun }: { state: NotebookPipeline; mayRun: boolean }) {
  const [refreshing, setRefreshing] = useState(false);
  return (
    <span className="inline-flex items-center gap-1">
      {state.active ? (
        <Button icon={Square} disabled={!mayRun} onClick={state.stop}>
          Stop pipeline
        </Button>
      ) : (
        <Button icon={Workflow} disabled={!mayRun} busy={state.busy} onClick={() => state.run()}>
          Run pipeline
        </Button>
      )}
      <Menu
        align="start"
        trigger={<IconButton icon={ChevronDown} label="More for the pipeline" disabled={!mayRun} />}
        items={[
          { label: 'Validate', icon: CircleCheck, onSelect: state.check },
          { label: 'Full refresh', icon: RefreshCw, disabled: state.busy, onSelect: () => setRefreshing(true) },
        ]}
      />
      <Dialog
        open={refreshing}
        onOpenChange={setRefreshing}
        title="Refresh the pipeline from the beginning?"
        description="Its streaming tables are emptied and all files that are in their volumes now are read again. Rows of files that were deleted since do not come back."
        actions={
          <>
            <Button onClick={() => setRefreshing(false)}>Cancel</Button>
            <Button
              kind="danger"
              onClick={() => {
                setRefreshing(false);
                state.run({ fullRefresh: true });
              }}
            >
              Full refresh
            </Button>
          </>
        }
      />
    </span>
  );
}
