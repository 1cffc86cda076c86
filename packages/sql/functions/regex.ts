/**
 * A Java regular expression as the engine's own (RE2) where both mean the same: literals, classes, groups, alternation
 * and greedy or lazy repetition. Undefined otherwise; JavaScript's engine then runs the pattern.
 */
export function javaRegex(pattern: string | undefined): string | undefined {
  if (pattern === undefined) return undefined;
  const simple =
    /^(?:[\w\-@,:;=#%&!~'"<>/]|\^|\$|\||\((?!\?)|\(\?:|\)|\[\^?[\w\s\-.,:;@]+\]|\\[dDwWsS.\\+*?()[\]{}|^$-]|(?<=[\w)\].])[*+?]\??|\{\d+(?:,\d*)?\})*$/;
  // `.`, `$` and white space differ around line ends, so those patterns go the exact way.
  if (pattern.length > 200 || !simple.test(pattern) || /\$|\\[sSdDwW]/.test(pattern)) return undefined;
  if (/[*+?}][*+?{]/.test(pattern.replaceAll(/[*+?]\?/g, '*'))) return undefined;
  return pattern;
}
