'use client';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button';
import { Field, Input } from './field';

/** A text to take along, such as a link or a token that is shown once. */
export function CopyField({ label, value, hint }: { label: string; value: string; hint?: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex items-end gap-2">
      <Field label={label} className="min-w-0 flex-1" {...(hint ? { hint } : {})}>
        {(ids) => (
          <Input
            {...ids}
            large
            readOnly
            value={value}
            className="font-mono text-xs"
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
      <Button
        size="large"
        kind="primary"
        icon={copied ? Check : Copy}
        className={hint ? 'mb-5' : ''}
        onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
      >
        {copied ? 'Copied' : 'Copy'}
      </Button>
      <span role="status" className="sr-only">
        {copied ? 'Copied' : ''}
      </span>
    </div>
  );
}
