import { BoathouseError } from '@boathouse/contracts';

/** better-auth's own routes, whose errors are `{code, message}`. */
async function post(path: string, body: object): Promise<void> {
  const response = await fetch(`/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    credentials: 'same-origin',
  }).catch(() => {
    throw new BoathouseError(
      'OFFLINE',
      'The workspace cannot be reached. Check that it is running and try again.',
      'system',
    );
  });
  if (response.ok) return;
  if (response.status === 429) {
    const seconds = Number(response.headers.get('x-retry-after') ?? response.headers.get('retry-after')) || 10;
    throw new BoathouseError('TOO_MANY_ATTEMPTS', `Too many attempts. Wait ${seconds} seconds and try again.`, 'user', {
      status: 429,
    });
  }
  const given = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  const known =
    given.code === 'INVALID_EMAIL_OR_PASSWORD' ? 'The e-mail address or the password is not right.' : given.message;
  throw new BoathouseError(given.code ?? 'SIGN_IN_FAILED', known ?? 'Signing in did not work. Try again.', 'user', {
    status: response.status,
  });
}

export const signIn = (email: string, password: string) => post('sign-in/email', { email, password });
export const signOut = () => post('sign-out', {});
