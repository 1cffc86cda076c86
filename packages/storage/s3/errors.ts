import { BoathouseError, systemError, userError } from '@boathouse/contracts';

export interface Place {
  bucket: string;
  endpoint: string | undefined;
}

export const objectNotFound = (key: string): BoathouseError =>
  userError('OBJECT_NOT_FOUND', `There is no object "${key}". It may have been deleted or moved.`, { status: 404 });

export const withoutConditions = (place: Place): BoathouseError =>
  userError(
    'STORAGE_WITHOUT_CONDITIONAL_WRITES',
    `${named(place)} does not know writes on condition (If-None-Match), without which concurrent commits could overwrite each other. Use AWS S3, or a release of your server that has them.`,
  );

const named = ({ bucket, endpoint }: Place): string =>
  `The store of bucket "${bucket}"${endpoint ? ` at ${endpoint}` : ''}`;

/** What the SDK and the network say, by name: a code of ours and what to do. */
const known: readonly {
  names: readonly string[];
  status?: number;
  error: (place: Place, detail: string) => BoathouseError;
}[] = [
  {
    names: ['NoSuchBucket'],
    error: (place, detail) =>
      userError(
        'STORAGE_BUCKET_NOT_FOUND',
        `There is no bucket "${place.bucket}"${place.endpoint ? ` at ${place.endpoint}` : ''}. Check its name, or create it first.`,
        { status: 404, detail },
      ),
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestExpired'],
    error: (place, detail) =>
      userError(
        'STORAGE_CLOCK_SKEWED',
        `${named(place)} refuses requests of this machine because their clocks differ by more than 15 minutes. Set this machine's clock (NTP) and try again.`,
        { detail },
      ),
  },
  {
    names: [
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidToken',
      'InvalidClientTokenId',
      'CredentialsProviderError',
      'TokenProviderError',
    ],
    error: (place, detail) =>
      userError(
        'STORAGE_CREDENTIALS_INVALID',
        `${named(place)} does not take these credentials, or there are none. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN where they are temporary), or AWS_PROFILE.`,
        { status: 401, detail },
      ),
  },
  {
    names: ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'],
    error: (place, detail) =>
      userError('STORAGE_WRONG_REGION', `Bucket "${place.bucket}" lies in another region. Set AWS_REGION to it.`, {
        detail,
      }),
  },
  {
    names: [
      'TimeoutError',
      'RequestTimeout',
      'ECONNREFUSED',
      'ECONNRESET',
      'ECONNABORTED',
      'EPIPE',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ETIMEDOUT',
    ],
    error: (place, detail) =>
      systemError(
        'STORAGE_UNREACHABLE',
        `${named(place)} cannot be reached, or the connection broke. Check the endpoint (AWS_ENDPOINT_URL) and the network, and try again.`,
        { status: 503, detail },
      ),
  },
  {
    names: ['SlowDown', 'ServiceUnavailable', 'InternalError', 'ThrottlingException', 'TooManyRequestsException'],
    error: (place, detail) =>
      systemError('STORAGE_BUSY', `${named(place)} is busy. Try again in a moment.`, { status: 503, detail }),
  },
  {
    names: ['AccessDenied', 'Forbidden', 'AllAccessDisabled', 'AccountProblem'],
    status: 403,
    error: (place, detail) =>
      userError(
        'STORAGE_PERMISSION_DENIED',
        `${named(place)} does not allow this. Ask its owner for s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject on its objects (reading needs the first two).`,
        { status: 403, detail },
      ),
  },
  {
    names: ['ENOSPC', 'EDQUOT'],
    error: (_place, detail) =>
      systemError(
        'STORAGE_CACHE_FULL',
        'There is no room on the disk for copies of objects. Free some, or choose another folder for them.',
        { status: 507, detail },
      ),
  },
  {
    names: ['EACCES', 'EPERM', 'EROFS'],
    error: (_place, detail) =>
      systemError(
        'STORAGE_CACHE_NOT_WRITABLE',
        'The folder for copies of objects cannot be written. Choose another one, or change its permissions.',
        { detail },
      ),
  },
];

/** Names by which an error is known: the SDK's, the network's, those of what caused it. */
function namesOf(error: unknown): string[] {
  const names: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    names.push(at.name);
    if ('code' in at && typeof at.code === 'string') names.push(at.code);
    if ('Code' in at && typeof at.Code === 'string') names.push(at.Code);
  }
  return names;
}

const metadataOf = (error: unknown): object | null =>
  error instanceof Error && '$metadata' in error && typeof error.$metadata === 'object' ? error.$metadata : null;

function numberOf(error: unknown, name: 'httpStatusCode' | 'attempts'): number {
  const metadata = metadataOf(error);
  const value: unknown = metadata ? Reflect.get(metadata, name) : undefined;
  return typeof value === 'number' ? value : 0;
}

/** HTTP status of an answer that the SDK throws; 0 where no answer came. */
export const statusOf = (error: unknown): number => numberOf(error, 'httpStatusCode');
/** How often the SDK sent the request. */
export const attemptsOf = (error: unknown): number => numberOf(error, 'attempts');

export const isMissingObject = (error: unknown): boolean =>
  statusOf(error) === 404 && !namesOf(error).some((name) => name === 'NoSuchBucket' || name === 'NoSuchUpload');

/** Anything thrown by the SDK as an error of ours. Ours stay what they are. */
export function storageError(error: unknown, place: Place): BoathouseError {
  if (error instanceof BoathouseError) return error;
  const names = namesOf(error);
  const status = statusOf(error);
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const entry =
    known.find((candidate) => candidate.names.some((name) => names.includes(name))) ??
    known.find((candidate) => candidate.status !== undefined && candidate.status === status);
  return (
    entry?.error(place, detail) ??
    systemError(
      'STORAGE_FAILED',
      `${named(place)} answered with an error${status ? ` (HTTP ${status})` : ''}: ${detail.split('\n')[0]}`,
      { detail },
    )
  );
}

/** Whether the request may have had its effect though no answer came. */
export const isUncertain = (error: unknown): boolean => statusOf(error) === 0 || statusOf(error) >= 500;
