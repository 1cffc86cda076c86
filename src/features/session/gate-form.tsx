'use client';
import { createContext, type FormEvent, type InputHTMLAttributes, type ReactNode, useContext, useState } from 'react';
import { Button } from '@/components/button';
import { Field, Input } from '@/components/field';

/** What is wrong with each field of the form around, by its name. */
const Problems = createContext<Readonly<Record<string, string>>>({});

function problemOf(input: HTMLInputElement): string | null {
  const { validity } = input;
  if (validity.valid) return null;
  if (validity.valueMissing) return 'Fill this in.';
  if (validity.typeMismatch) return 'This is not an e-mail address, such as ada@example.com.';
  if (validity.tooShort) return `${input.minLength} characters or more; this has ${input.value.length}.`;
  return input.validationMessage;
}

/**
 * The form of the pages before the workspace: says what is wrong below each field, in our words and look, and what the server
 * refused above its one button. `submit` gets the fields by name; it stays busy after success, because the page goes on.
 */
export function GateForm({
  action,
  submit,
  children,
  note,
}: {
  action: string;
  submit: (value: (name: string) => string) => Promise<void>;
  children: ReactNode;
  note?: ReactNode;
}) {
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const found: Record<string, string> = {};
    let first: HTMLInputElement | null = null;
    for (const input of form.querySelectorAll('input')) {
      const problem = problemOf(input);
      if (!problem) continue;
      found[input.name] = problem;
      first ??= input;
    }
    setProblems(found);
    first?.focus();
    if (first) return;
    const data = new FormData(form);
    setBusy(true);
    setError(null);
    try {
      await submit((name) => String(data.get(name) ?? ''));
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : String(thrown));
      setBusy(false);
    }
  };

  return (
    <Problems value={problems}>
      {/* noValidate: the browser's own bubbles cover the fields and know neither theme nor words of ours. */}
      <form noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-3">
        {children}
        {error ? (
          <p role="alert" className="rounded-control bg-red-soft px-2.5 py-1.5 text-red text-sm">
            {error}
          </p>
        ) : null}
        <Button type="submit" kind="primary" size="large" busy={busy} className="mt-1">
          {action}
        </Button>
        {note ? <p className="text-muted text-xs">{note}</p> : null}
      </form>
    </Problems>
  );
}

/** A field of a GateForm. */
export function GateField({
  label,
  hint,
  ...input
}: { label: string; name: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const problem = useContext(Problems)[input.name];
  return (
    <Field label={label} {...(hint ? { hint } : {})} {...(problem ? { error: problem } : {})}>
      {(ids) => <Input {...ids} large {...input} />}
    </Field>
  );
}

export const NameField = () => (
  <GateField label="Your name" name="name" autoComplete="name" required maxLength={200} autoFocus />
);

/** A password that is chosen now. */
export const NewPasswordField = () => (
  <GateField
    label="Password"
    name="password"
    hint="8 characters or more"
    type="password"
    autoComplete="new-password"
    required
    minLength={8}
    maxLength={128}
  />
);
