import { getOpenApi } from '@boathouse/contracts';
import { openApi } from '../http/openapi.ts';
import { implementOpen, type Route } from '../http/router.ts';

/** The document is made at the first request, of all routes given and its own. */
export function openApiRoute(others: Route[]): Route {
  let document: Record<string, unknown> | null = null;
  const route: Route = implementOpen(getOpenApi, async () => {
    document ??= openApi(
      [...others, route].map(({ contract }) => contract),
      '0.1.0',
    );
    return document;
  });
  return route;
}
