export function refusal(system: {
  platform: string;
  arch: string;
  glibc: string | undefined;
  nodeVersion: string;
}): string | null;
