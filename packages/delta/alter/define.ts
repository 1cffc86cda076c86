import type { DomainMetadata, Metadata } from '../actions/types.ts';
import { configurationOf } from '../protocol/properties.ts';
import { protocolRequest } from '../protocol/protocol.ts';
import { fieldsOf, partitionColumnsOf } from '../schema/columns.ts';
import { schemaJson } from '../schema/json.ts';
import type { TableDefinition } from '../types.ts';
import { CLUSTERING, clusteringDomain } from './clustering.ts';
import { configured, type TableState } from './configure.ts';

export interface DefineContext {
  id: string;
  /** Milliseconds. */
  createdTime: number;
  ids: () => string;
  /** Data files were written before, with the columns' own names. */
  hasFiles: boolean;
  /** The table that is replaced: it keeps its features. `domain` gives a domain's configuration. */
  previous?: TableState & { domain(name: string): string | null };
}

export interface DefinedTable extends TableState {
  domains: DomainMetadata[];
}

/** Metadata, protocol and domains of a definition. Throws what its columns, properties and clustering columns do wrong. */
export function defineTable(definition: TableDefinition, context: DefineContext): DefinedTable {
  const { request, rest } = protocolRequest(definition.properties ?? {});
  const fields = fieldsOf(definition.columns);
  const metadata: Metadata = {
    id: context.id,
    ...(definition.name === undefined ? {} : { name: definition.name }),
    ...(definition.comment === undefined ? {} : { description: definition.comment }),
    format: { provider: 'parquet', options: {} },
    schemaString: schemaJson(fields),
    partitionColumns: partitionColumnsOf(fields, definition.partitionColumns ?? []),
    configuration: configurationOf(rest),
    createdTime: context.createdTime,
  };
  const state = configured(metadata, fields, {
    request,
    features: definition.clusterBy?.length ? ['clustering'] : [],
    hasFiles: context.hasFiles,
    ids: context.ids,
    ...(context.previous ? { previous: context.previous, isReplaced: true } : {}),
  });
  const old = context.previous?.domain(CLUSTERING) ?? null;
  const domains = definition.clusterBy?.length
    ? [clusteringDomain(definition.clusterBy, state.fields, state.metadata.configuration)]
    : old === null
      ? []
      : [{ domain: CLUSTERING, configuration: old, removed: true }];
  return { ...state, domains };
}
