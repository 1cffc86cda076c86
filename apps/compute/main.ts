import { BoathouseError } from '@boathouse/contracts';
import { pino } from 'pino';
import { openCompute } from './compute.ts';
import { readConfig } from './config.ts';
import { endWithParent } from './parent.ts';

const STOP_GRACE_MS = 1500;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = pino({ level: config.logLevel, base: { process: 'compute', pid: process.pid } });
  let stopping = false;
  const end = (why: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'stopping');
    // Whatever does not stop in time is left to the server's lease: the run is lost and says so.
    setTimeout(() => process.exit(0), STOP_GRACE_MS).unref();
    void compute.stop().finally(() => process.exit(0));
  };
  const compute = await openCompute(config, logger, () => end('the server asked for it'));
  // Without a supervisor nothing is worth finishing: its home may be opened by the next one.
  endWithParent(config.parentPid, () => end('the supervisor is gone'));
  process.once('SIGTERM', () => end('SIGTERM'));
  process.once('SIGINT', () => end('SIGINT'));
  await compute.ready;
  logger.info({ computeId: compute.id, memoryLimitBytes: config.memoryLimitBytes, threads: config.threads }, 'ready');
  // A supervisor that died meanwhile is no error: `endWithParent` ends this process.
  if (process.connected) process.send?.({ type: 'ready' }, undefined, undefined, () => {});
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof BoathouseError ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
});
