// What runs in the sandbox: the driver and the library of cells. Deno reads it, without a resolver for packages, so paths
// are relative; nothing else of the product may be imported from here.
import { startDriver } from '../../../packages/kernel/driver/index.ts';
import { installSdk } from '../../../packages/sdk/index.ts';

startDriver(installSdk);
