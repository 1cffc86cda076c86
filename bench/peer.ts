import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Python lines that open `spark`, as `local[2]`, with its jars beside its Python environment. */
export const SPARK_SESSION = `
import glob, os
from pyspark.sql import SparkSession
jars = glob.glob(os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(sys.executable))), 'jars', '*.jar'))
spark = (SparkSession.builder.master('local[2]').config('spark.jars', ','.join(jars))
    .config('spark.sql.extensions', 'io.delta.sql.DeltaSparkSessionExtension')
    .config('spark.sql.catalog.spark_catalog', 'org.apache.spark.sql.delta.catalog.DeltaCatalog')
    .config('spark.ui.enabled', 'false').config('spark.driver.memory', '3g').config('spark.sql.shuffle.partitions', '4')
    .getOrCreate())
spark.sparkContext.setLogLevel('OFF')
`;

/**
 * A Python process that waits for jobs, so that its start and imports are not measured. `library` defines `run(job)`, which prepares a
 * job and gives the work that is measured.
 */
export async function openPeer(python: string, library: string) {
  const script = `
import sys, time, json
${library}
print('ready', flush=True)
for line in sys.stdin:
    work = run(json.loads(line))
    start = time.monotonic()
    work()
    print('seconds', time.monotonic() - start, flush=True)
`;
  const child = spawn(python, ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error('the peer ended');
      if (/^(ready|seconds )/.test(value)) return value;
    }
  };
  await line();
  return {
    async run(job: Record<string, string>): Promise<number> {
      child.stdin.write(`${JSON.stringify(job)}\n`);
      return Number((await line()).split(' ')[1]);
    },
    close: () => child.stdin.end(),
  };
}
