import { BoathouseError } from '@boathouse/contracts';
import { pino } from 'pino';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { endWithParent } from './parent.ts';

const config = readConfig(process.env);
const log = pino({ level: config.logLevel, base: { process: 'server' } });

// A promise that nobody waited for is a bug to read about, and no reason to end everybody's work.
process.on('unhandledRejection', (error) => log.error({ err: error }, 'a failure that nobody waited for'));

try {
  const app = await createApp(config, log);
  let closing = false;
  const stop = (): void => {
    if (closing) return;
    closing = true;
    // What does not end by itself is not worth waiting for: everything durable is in the database.
    setTimeout(() => process.exit(0), 3_000).unref();
    void app.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  endWithParent(config.parentPid, () => {
    // What people typed in the last moment is stored if the database is still there; two seconds are the limit.
    setTimeout(() => process.exit(0), 1_000).unref();
    stop();
  });
  await app.ready;
  log.info({ port: app.port }, 'ready');
  process.send?.({ type: 'ready', port: app.port });
} catch (error) {
  const message = error instanceof BoathouseError ? error.message : String(error);
  log.fatal({ err: error }, message);
  process.send?.({ type: 'failed', message });
  process.exit(1);
}
