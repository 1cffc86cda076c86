import { userError } from '@boathouse/contracts';

export interface SparkAddress {
  host: string;
  port: number;
}

const DEFAULT_PORT = 15002;

/** Host and port of `sc://host:port`. Throws ENGINE_ADDRESS. */
export function sparkAddress(url: string): SparkAddress {
  const match = /^sc:\/\/(\[[0-9a-fA-F:]+\]|[^\s:/;[\]]+)(?::(\d{1,5}))?\/?$/.exec(url.trim());
  const port = Number(match?.[2] ?? DEFAULT_PORT);
  if (!match || port < 1 || port > 65_535)
    throw userError(
      'ENGINE_ADDRESS',
      `"${url}" is not the address of a Spark Connect server. Write sc://host:port, for example sc://spark.example.com:15002; token and TLS have fields of their own.`,
    );
  return { host: match[1]!, port };
}
