'use client';
import { useEffect, useState } from 'react';

/** A name that is edited where it stands: Enter or leaving keeps it, Esc takes it back. */
export function EditableTitle({
  value,
  readOnly,
  label,
  onChange,
}: {
  value: string;
  readOnly: boolean;
  label: string;
  onChange: (value: string) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  if (readOnly) return value;
  const keep = () => {
    const name = text.trim();
    if (name === '' || name === value) setText(value);
    else onChange(name);
  };
  return (
    <input
      aria-label={label}
      value={text}
      maxLength={250}
      title={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') {
          setText(value);
          event.stopPropagation();
        }
      }}
      className="-mx-1 field-sizing-content min-w-24 max-w-[calc(100%+8px)] text-ellipsis rounded bg-transparent px-1 hover:bg-sunken focus:bg-sunken"
    />
  );
}
