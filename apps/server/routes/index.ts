import type { Route } from '../http/router.ts';
import type { Services } from '../services.ts';

/** Every route of the API: one file per area. */
export function routes(_services: Services): Route[] {
  return [];
}
