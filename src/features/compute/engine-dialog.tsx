'use client';
import { type AttachEngineRequest, type EngineView, listMembers } from '@boathouse/contracts';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Checkbox, Field, Input, Textarea } from '@/components/field';
import { ErrorState } from '@/components/states';
import { call } from '@/lib/api';
import { EngineCheckView } from './engine-check';
import { useAttachEngine, useChangeEngine, useCheckEngine } from './use-engines';

const text = (value: string): string | undefined => value.trim() || undefined;

/** Attaches a Spark Connect server, or changes what is known of one. A token that is kept is never shown. */
export function EngineDialog({ engine, onClose }: { engine: EngineView | null; onClose: () => void }) {
  const [name, setName] = useState(engine?.name ?? '');
  const [url, setUrl] = useState(engine?.url ?? '');
  const [tls, setTls] = useState(engine?.tls ?? false);
  const [token, setToken] = useState('');
  const [certificate, setCertificate] = useState('');
  const [storageUrl, setStorageUrl] = useState(engine?.storageUrl ?? '');
  const [everybody, setEverybody] = useState(engine?.everybody ?? true);
  const [users, setUsers] = useState<ReadonlySet<string>>(new Set(engine?.users));
  const form = useId();
  const attach = useAttachEngine();
  const change = useChangeEngine();
  const check = useCheckEngine();
  const busy = attach.isPending || change.isPending;
  const error = attach.error ?? change.error;
  const address = {
    url: url.trim(),
    tls,
    token: text(token),
    caCertificate: tls ? text(certificate) : undefined,
    storageUrl: text(storageUrl),
  };

  const save = (event: FormEvent) => {
    event.preventDefault();
    const body: AttachEngineRequest = { name: name.trim(), ...address, everybody, users: everybody ? [] : [...users] };
    if (!engine) attach.mutate(body, { onSuccess: onClose });
    else change.mutate({ ...body, id: engine.id, storageUrl: address.storageUrl ?? null }, { onSuccess: onClose });
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={engine ? `Change ${engine.name}` : 'Attach Spark'}
      description="A Spark Connect server runs the same SQL over the same tables, with the same permissions."
      actions={
        <>
          <Button
            className="mr-auto"
            busy={check.isPending}
            disabled={!address.url}
            onClick={() => check.mutate({ ...address, ...(engine ? { id: engine.id } : {}) })}
          >
            Check
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} kind="primary" busy={busy} disabled={!name.trim() || !address.url}>
            {engine ? 'Save' : 'Attach'}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={save} className="flex flex-col gap-3 pb-2">
        <Field label="Name">
          {(ids) => (
            <Input {...ids} value={name} maxLength={100} required onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <Field label="Address" hint="sc://host:15002, where Spark 4.0 or newer serves Spark Connect.">
          {(ids) => (
            <Input
              {...ids}
              value={url}
              required
              placeholder="sc://spark.example.com:15002"
              spellCheck={false}
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Token"
          hint={
            engine?.hasToken
              ? 'One is kept. Leave it empty to keep it; a new address forgets it.'
              : 'Sent as a bearer token; kept encrypted. Leave it empty where the server asks for none.'
          }
        >
          {(ids) => (
            <Input
              {...ids}
              type="password"
              autoComplete="off"
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        <Checkbox label="Use TLS" checked={tls} onChange={(event) => setTls(event.target.checked)} />
        {tls ? (
          <Field
            label="Certificate of the authority"
            hint={
              engine?.hasCaCertificate
                ? 'One is kept. Leave it empty to keep it.'
                : 'In PEM form, where no public authority signed the server’s certificate.'
            }
          >
            {(ids) => (
              <Textarea
                {...ids}
                value={certificate}
                spellCheck={false}
                className="font-mono text-xs"
                onChange={(event) => setCertificate(event.target.value)}
              />
            )}
          </Field>
        ) : null}
        <Field
          label="Storage URL"
          hint="Where Spark finds the folder of our tables. Leave it empty where it sees the folder at the same path."
        >
          {(ids) => (
            <Input
              {...ids}
              value={storageUrl}
              placeholder="s3a://bucket/folder"
              spellCheck={false}
              onChange={(event) => setStorageUrl(event.target.value)}
            />
          )}
        </Field>
        <Checkbox
          label="Everybody may use it"
          checked={everybody}
          onChange={(event) => setEverybody(event.target.checked)}
        />
        {everybody ? null : <Users chosen={users} onChoose={setUsers} />}
      </form>
      {error ? <ErrorState error={error} /> : null}
      <EngineCheckView check={check.data} error={check.error} pending={check.isPending} />
    </Dialog>
  );
}

/** Who else than administrators may use the engine. */
function Users({ chosen, onChoose }: { chosen: ReadonlySet<string>; onChoose: (users: ReadonlySet<string>) => void }) {
  const members = useQuery({ queryKey: ['members'], queryFn: ({ signal }) => call(listMembers, { signal }) });
  const people = members.data?.members.filter(({ role }) => role !== 'admin') ?? [];
  const toggle = (email: string) => {
    const next = new Set(chosen);
    if (!next.delete(email)) next.add(email);
    onChoose(next);
  };
  return (
    <fieldset className="flex max-h-40 flex-col gap-1.5 overflow-auto rounded-control border border-line p-2.5">
      <legend className="px-1 text-muted text-xs">Administrators, and</legend>
      {people.map(({ email, name }) => (
        <Checkbox key={email} label={`${name} (${email})`} checked={chosen.has(email)} onChange={() => toggle(email)} />
      ))}
      {members.data && people.length === 0 ? <p className="text-muted text-sm">There is nobody else yet.</p> : null}
    </fieldset>
  );
}
