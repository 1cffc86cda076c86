import type { EngineView, Warehouse } from '@boathouse/contracts';
import type { Compute } from '../compute/index.ts';

/** Id of the built-in engine as a warehouse: part of connection strings, so it never changes. */
export const ENGINE_WAREHOUSE = 'boathouse-embedded';

/** The built-in engine as clients list it. `host` is the Host header that the client used. */
export function engineWarehouse(compute: Compute, host: string): Warehouse {
  const { computes } = compute.status();
  const ready = computes.filter((it) => it.state === 'ready');
  return {
    ...fixed,
    ...address(ENGINE_WAREHOUSE, host),
    name: 'Boathouse engine',
    state: ready.length > 0 ? 'RUNNING' : 'STARTING',
    max_num_clusters: Math.max(1, computes.length),
    num_clusters: computes.length,
    num_active_sessions: computes.reduce((sum, it) => sum + it.sessions, 0),
    health:
      ready.length > 0 ? { status: 'HEALTHY' } : { status: 'DEGRADED', message: 'The compute process is starting.' },
  };
}

/** An attached engine as clients list it: whether it answers is known when it is asked. */
export function attachedWarehouse(engine: EngineView, host: string): Warehouse {
  return {
    ...fixed,
    ...address(engine.id, host),
    name: engine.name,
    state: 'RUNNING',
    max_num_clusters: 1,
    num_clusters: 1,
    num_active_sessions: 0,
    health: { status: 'HEALTHY', message: `Spark Connect at ${engine.url}` },
  };
}

const fixed = {
  size: 'X-Small',
  cluster_size: 'X-Small',
  warehouse_type: 'PRO',
  enable_serverless_compute: false,
  auto_stop_mins: 0,
  min_num_clusters: 1,
  creator_name: 'Boathouse',
};

function address(id: string, host: string): Pick<Warehouse, 'id' | 'jdbc_url' | 'odbc_params'> {
  const [, hostname = host, port = '443'] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const path = `/sql/1.0/warehouses/${id}`;
  return {
    id,
    jdbc_url: `jdbc:databricks://${hostname}:${port};httpPath=${path}`,
    odbc_params: { hostname, path, port: Number(port), protocol: 'http' },
  };
}
