/**
 * The sentence that refuses a system nobody has tested, or null. Plain JavaScript: it runs before anything is installed, on
 * whatever Node there is.
 * @param {{ platform: string, arch: string, glibc: string | undefined, nodeVersion: string }} system
 * @returns {string | null}
 */
export function refusal({ platform, arch, glibc, nodeVersion }) {
  if (platform !== 'linux' || arch !== 'x64' || !glibc) {
    const lacking = platform === 'linux' && !glibc ? ' without glibc' : '';
    return `Boathouse runs on Linux x64 with glibc; this is ${platform} ${arch}${lacking}, which nobody has tested yet.`;
  }
  if (Number(/^v(\d+)/.exec(nodeVersion)?.[1]) < 20)
    return `Boathouse needs Node 20 or newer to start; this is ${nodeVersion}.`;
  return null;
}
