import type { Route } from './route.ts';

interface Node {
  fixed: Map<string, Node>;
  one?: Node;
  rest?: Node;
  routes: Map<string, Route>;
}

export type Match =
  | { found: true; route: Route /** Undecoded. */; params: Record<string, string> }
  | { found: false /** Methods that this path does have. */; allowed: string[] };

const newNode = (): Node => ({ fixed: new Map(), routes: new Map() });
const parameterOf = (segment: string) => /^\{(\w+)(\+?)\}$/.exec(segment);

/**
 * Finds routes by path: fixed segments win over `{name}`, which wins over `{name+}`. A trailing slash is ignored, and so are doubled ones,
 * except in what `{name+}` stands for: `a//b` is another name there than `a/b`, and whose name it is decides about it.
 */
export class RouteTree {
  private readonly root = newNode();

  /** Throws when two routes claim one method and path. */
  add(route: Route): void {
    const { method, path } = route.contract;
    let node = this.root;
    for (const segment of path.split('/').filter(Boolean)) {
      const parameter = parameterOf(segment);
      if (!parameter) {
        const next = node.fixed.get(segment) ?? newNode();
        node.fixed.set(segment, next);
        node = next;
      } else if (parameter[2]) node = node.rest ??= newNode();
      else node = node.one ??= newNode();
    }
    if (node.routes.has(method)) throw new Error(`Two routes for ${method} ${path}`);
    node.routes.set(method, route);
  }

  find(method: string, path: string): Match {
    const allowed = new Set<string>();
    const hit = walk(this.root, path.replace(/^\/|\/$/g, '').split('/'), 0, [], method, allowed);
    if (!hit) return { found: false, allowed: [...allowed] };
    const names = hit.route.contract.path.split('/').flatMap((segment) => parameterOf(segment)?.[1] ?? []);
    return {
      found: true,
      route: hit.route,
      params: Object.fromEntries(names.map((name, index) => [name, hit.values[index]!])),
    };
  }
}

type Hit = { route: Route; values: string[] };

function walk(
  node: Node,
  segments: string[],
  at: number,
  values: string[],
  method: string,
  allowed: Set<string>,
): Hit | null {
  if (at === segments.length) {
    const hit = take(node, values, method, allowed);
    if (hit) return hit;
  } else {
    const segment = segments[at]!;
    if (segment === '' && !node.rest) return walk(node, segments, at + 1, values, method, allowed);
    const fixed = node.fixed.get(segment);
    const hit =
      (fixed && walk(fixed, segments, at + 1, values, method, allowed)) ||
      (segment !== '' && node.one && walk(node.one, segments, at + 1, [...values, segment], method, allowed));
    if (hit) return hit;
  }
  return node.rest ? take(node.rest, [...values, segments.slice(at).join('/')], method, allowed) : null;
}

function take(node: Node, values: string[], method: string, allowed: Set<string>): Hit | null {
  for (const name of node.routes.keys()) allowed.add(name);
  const route = node.routes.get(method);
  return route ? { route, values } : null;
}
