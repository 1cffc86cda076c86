import { userError } from '@boathouse/contracts';

const DEFAULT_PORT = 15002;

/** What an address of Spark Connect says: the place, and what its parameters add. */
export interface EngineAddress {
  /** `sc://host:port`. */
  url: string;
  tls?: boolean;
  token?: string;
}

const wrong = (message: string) => userError('INVALID_PARAMETER_VALUE', message);

/**
 * Reads `sc://host[:port][/;use_ssl=true;token=…]`, as Spark's own clients write it; the scheme may be left out. Throws
 * INVALID_PARAMETER_VALUE, also for a parameter that is not honoured.
 */
export function engineAddress(text: string): EngineAddress {
  const [place = '', ...parameters] = text
    .trim()
    .replace(/^sc:\/\//i, '')
    .split(';');
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?\/?$/i.exec(place);
  const port = Number(match?.[2] ?? DEFAULT_PORT);
  if (!match || port < 1 || port > 65_535)
    throw wrong(`"${text.slice(0, 100)}" is no address of Spark Connect: write sc://host:15002.`);
  const address: EngineAddress = { url: `sc://${match[1]!.toLowerCase()}:${port}` };
  for (const parameter of parameters.filter((it) => it !== '')) {
    const [name = '', value = ''] = parameter.split(/=(.*)/s);
    if (name === 'use_ssl' && /^(true|false)$/i.test(value)) address.tls = value.toLowerCase() === 'true';
    else if (name === 'token' && value !== '') address.token = decodeURIComponent(value);
    else throw wrong(`The parameter "${name}" of the address is not supported. Leave it out.`);
  }
  return address;
}
