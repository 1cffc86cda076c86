import { spawnSync } from 'node:child_process';
import { startProduct } from '../../e2e/support/product.ts';

/** Starts the product on a home of its own and hands its address to the Python tests. */
const token = `peer-${crypto.randomUUID()}`;
const product = await startProduct({ env: { BOATHOUSE_ADMIN_TOKEN: token } });
try {
  const done = spawnSync(process.argv[2]!, ['.ci/peers/test_clients.py'], {
    stdio: 'inherit',
    env: { ...process.env, DATABRICKS_HOST: product.url, DATABRICKS_TOKEN: token, BOATHOUSE_STORAGE: `${product.home}/storage` },
    timeout: 300_000,
  });
  process.exitCode = done.status ?? 1;
} finally {
  await product.remove();
}
