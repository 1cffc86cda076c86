'use client';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from './button';
import { Field, Input } from './field';

/** A value that is shown once and copied: a link, a token. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex items-end gap-2">
      <Field label={label} className="min-w-0 flex-1">
        {(ids) => (
          <Input
            {...ids}
            large
            readOnly
            value={value}
            className="w-full font-mono text-xs"
            onFocus={(event) => event.currentTarget.select()}
          />
        )}
      </Field>
      <IconButton
        icon={copied ? Check : Copy}
        label={copied ? 'Copied' : `Copy ${label.toLowerCase()}`}
        kind="default"
        className="size-8"
        onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
      />
    </div>
  );
}
