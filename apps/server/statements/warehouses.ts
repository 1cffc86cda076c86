import type { Warehouse } from '@boathouse/contracts';
import type { Compute } from '../compute/index.ts';

/** Id of the built-in engine as a warehouse: part of connection strings, so it never changes. */
export const ENGINE_WAREHOUSE = 'boathouse-embedded';

/** The built-in engine as clients list it. `host` is the Host header that the client used. */
export function engineWarehouse(compute: Compute, host: string): Warehouse {
  const { computes } = compute.status();
  const ready = computes.filter((it) => it.state === 'ready');
  const [, hostname = host, port = '443'] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const path = `/sql/1.0/warehouses/${ENGINE_WAREHOUSE}`;
  return {
    id: ENGINE_WAREHOUSE,
    name: 'Boathouse engine',
    state: ready.length > 0 ? 'RUNNING' : 'STARTING',
    size: 'X-Small',
    cluster_size: 'X-Small',
    warehouse_type: 'PRO',
    enable_serverless_compute: false,
    auto_stop_mins: 0,
    min_num_clusters: 1,
    max_num_clusters: Math.max(1, computes.length),
    num_clusters: computes.length,
    num_active_sessions: computes.reduce((sum, it) => sum + it.sessions, 0),
    creator_name: 'Boathouse',
    jdbc_url: `jdbc:databricks://${hostname}:${port};httpPath=${path}`,
    odbc_params: { hostname, path, port: Number(port), protocol: 'http' },
    health:
      ready.length > 0 ? { status: 'HEALTHY' } : { status: 'DEGRADED', message: 'The compute process is starting.' },
  };
}
