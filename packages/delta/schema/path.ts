/** Column paths as texts: `a.b`, with backticks where a name holds a dot. */

/** Splits a path at its dots outside of backticks: "`x.y`.z" → ['x.y', 'z']. */
export function splitPath(path: string): string[] {
  const parts: string[] = [];
  const pattern = /`((?:[^`]|``)*)`|([^.`]+)/g;
  for (const match of path.matchAll(pattern)) parts.push(match[1]?.replaceAll('``', '`') ?? match[2]!.trim());
  return parts;
}

/** The text of a path, quoted where it must be. */
export const joinPath = (path: readonly string[]): string =>
  path.map((part) => (/^[A-Za-z_][\w]*$/.test(part) ? part : `\`${part.replaceAll('`', '``')}\``)).join('.');
