import type { Route } from '../http/router.ts';
import type { Services } from '../services.ts';
import { memberRoutes } from './members.ts';
import { objectRoutes } from './objects.ts';
import { sessionRoutes } from './session.ts';
import { tokenRoutes } from './tokens.ts';

/** Every route of the API: one file per area. */
export function routes(services: Services): Route[] {
  return [...sessionRoutes(services), ...memberRoutes(services), ...objectRoutes(services), ...tokenRoutes(services)];
}
