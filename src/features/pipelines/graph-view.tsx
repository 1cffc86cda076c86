'use client';
import '@xyflow/react/dist/base.css';
import type { FlowProgress, PipelineGraph } from '@boathouse/contracts';
import { Handle, type Node, type NodeProps, Position, ReactFlow, type ReactFlowInstance } from '@xyflow/react';
import { CircleAlert, CircleCheck, CircleDashed, CircleX, FileText, LoaderCircle, Table2 } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { classNames } from '@/lib/class-names';
import { layoutGraph, nodeHeight, nodeWidth } from './layout';
import { flowLine, flowOf, type GraphNode, isDataset, kindWords, shortName } from './words';

interface DatasetData extends Record<string, unknown> {
  node: GraphNode;
  flow: FlowProgress | undefined;
  wrong: boolean;
  chosen: boolean;
}
type DatasetNode = Node<DatasetData, 'dataset'>;

/** Edge, icon and colour of the line by what happened: never colour alone. */
function lookOf(flow: FlowProgress | undefined, wrong: boolean) {
  if (wrong) return { bar: 'bg-red', text: 'text-red', icon: CircleAlert };
  switch (flow?.status) {
    case 'COMPLETED':
      return { bar: 'bg-green', text: 'text-green', icon: CircleCheck };
    case 'RUNNING':
      return { bar: 'bg-blue', text: 'text-blue', icon: LoaderCircle, spin: true };
    case 'FAILED':
      return { bar: 'bg-red', text: 'text-red', icon: CircleX };
    case 'SKIPPED':
    case 'STOPPED':
      return { bar: 'bg-amber', text: 'text-amber', icon: CircleAlert };
    default:
      return { bar: 'bg-line-strong', text: 'text-muted', icon: CircleDashed };
  }
}

function Dataset({ data: { node, flow, wrong, chosen } }: NodeProps<DatasetNode>) {
  const look = lookOf(flow, wrong);
  const Icon = look.icon;
  const SourceIcon = node.kind === 'files' ? FileText : Table2;
  const failed = flow?.expectations.reduce((sum, it) => sum + it.failed, 0) ?? 0;
  return (
    <div
      style={{ width: nodeWidth, height: nodeHeight }}
      className={classNames(
        'relative flex flex-col justify-center gap-0.5 overflow-hidden rounded-card border bg-surface pr-2.5 pl-4 text-left text-sm',
        chosen ? 'border-accent shadow-[0_0_0_1px_var(--accent)]' : 'border-line-strong',
      )}
    >
      <span aria-hidden className={classNames('absolute inset-y-0 left-0 w-1', look.bar)} />
      <span className="truncate font-medium" title={node.fullName}>
        {shortName(node.fullName)}
      </span>
      <span className="flex items-center gap-1 overflow-hidden whitespace-nowrap text-muted text-xs">
        {isDataset(node) ? null : <SourceIcon aria-hidden className="size-3 shrink-0" />}
        {kindWords[node.kind]}
        {failed ? ` · ${failed.toLocaleString('en-US')} ${failed === 1 ? 'check' : 'checks'} failed` : ''}
      </span>
      {isDataset(node) ? (
        <span className={classNames('flex items-center gap-1 text-xs', look.text)}>
          <Icon aria-hidden className={classNames('size-3.5 shrink-0', look.spin && 'animate-spin')} />
          <span className="truncate" title={flowLine(flow)}>
            {wrong ? 'Has an error' : flowLine(flow, 'short')}
          </span>
        </span>
      ) : null}
      <Handle type="target" position={Position.Left} className="opacity-0" isConnectable={false} />
      <Handle type="source" position={Position.Right} className="opacity-0" isConnectable={false} />
    </div>
  );
}

const fit = { padding: 0.06, maxZoom: 1 };
const nodeTypes = { dataset: Dataset };

export interface GraphViewProps {
  graph: PipelineGraph;
  flows: readonly FlowProgress[];
  chosen: string | null;
  onChoose: (fullName: string | null) => void;
  /** Height in pixels; the graph fits itself into it. */
  height: number;
}

/** The graph of a pipeline: what reads what, and how far each dataset is. */
export default function GraphView({ graph, flows, chosen, onChoose, height }: GraphViewProps) {
  const places = useMemo(() => new Map(layoutGraph(graph).map((it) => [it.fullName, it])), [graph]);
  const nodes = useMemo(
    () =>
      graph.nodes.map((node): DatasetNode => {
        const { x, y } = places.get(node.fullName)!;
        const wrong = graph.errors.some((error) => error.dataset === node.fullName);
        const flow = flowOf(flows, node);
        return {
          id: node.fullName.toLowerCase(),
          type: 'dataset',
          position: { x, y },
          width: nodeWidth,
          height: nodeHeight,
          data: { node, flow, wrong, chosen: chosen === node.fullName },
          ariaLabel: `${shortName(node.fullName)}, ${kindWords[node.kind]}${isDataset(node) ? `: ${wrong ? 'has an error' : flowLine(flow)}` : ''}`,
          draggable: false,
          connectable: false,
          deletable: false,
        };
      }),
    [graph, flows, places, chosen],
  );
  const edges = useMemo(
    () =>
      graph.edges.map(({ from, to }) => ({
        id: `${from}→${to}`,
        source: from.toLowerCase(),
        target: to.toLowerCase(),
        focusable: false,
        deletable: false,
        animated: flows.some((flow) => flow.dataset === to && flow.status === 'RUNNING'),
        style: { stroke: 'var(--line-strong)', strokeWidth: 1.5 },
      })),
    [graph, flows],
  );
  const box = useRef<HTMLElement>(null);
  const instance = useRef<Pick<ReactFlowInstance, 'fitView'> | null>(null);
  // A panel that opens beside the graph must not cover a part of it.
  useEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(() => void instance.current?.fitView());
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  // A graph of another shape is fitted anew; its progress leaves the view where it is.
  const shape = [...places.values()].map(({ fullName, x, y }) => `${fullName} ${x} ${y}`).join('|');
  return (
    <section ref={box} aria-label="Graph of the pipeline" style={{ height }}>
      <ReactFlow
        key={shape}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        fitView
        fitViewOptions={fit}
        onInit={(opened) => {
          instance.current = { fitView: () => opened.fitView(fit) };
        }}
        minZoom={0.2}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
        onNodeClick={(_event, node) => onChoose(node.data.node.fullName)}
        onSelectionChange={({ nodes: selected }) => {
          const [one] = selected as DatasetNode[];
          if (one) onChoose(one.data.node.fullName);
        }}
        onPaneClick={() => onChoose(null)}
      />
    </section>
  );
}
