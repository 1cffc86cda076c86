'use client';
import { previewSchedule } from '@boathouse/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Checkbox, Field, Input, Select } from '@/components/field';
import { call } from '@/lib/api';
import { fromCron, type Preset, toCron, weekdays } from './schedule-words';

export interface ScheduleDraft {
  cron: string;
  timeZone: string;
  paused: boolean;
}

export const viewerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
export const newSchedule = (): ScheduleDraft => ({ cron: '0 0 7 * * ?', timeZone: viewerZone(), paused: false });

const kinds = [
  ['hour', 'Every hour'],
  ['day', 'Every day'],
  ['weekday', 'Monday to Friday'],
  ['week', 'Every week'],
  ['month', 'Every month'],
  ['quartz', 'Quartz expression'],
] as const;

function presetOf(kind: string, old: Preset | null): Preset | null {
  const minute = old?.minute ?? 0;
  const hour = old && 'hour' in old ? old.hour : 7;
  if (kind === 'hour') return { every: 'hour', minute };
  if (kind === 'day') return { every: 'day', hour, minute };
  if (kind === 'weekday') return { every: 'weekday', hour, minute };
  if (kind === 'week') return { every: 'week', day: 2, hour, minute };
  if (kind === 'month') return { every: 'month', day: 1, hour, minute };
  return null;
}

/** When a job runs: a preset or Quartz, the zone, and the next five times as the server reckons them. */
export function ScheduleFields({
  value,
  onChange,
  quartz,
  onQuartz,
}: {
  value: ScheduleDraft;
  onChange: (value: ScheduleDraft) => void;
  /** The expression is written by hand. */
  quartz: boolean;
  onQuartz: (quartz: boolean) => void;
}) {
  const preset = quartz ? null : fromCron(value.cron);
  const set = (next: Preset) => onChange({ ...value, cron: toCron(next) });
  const preview = useQuery({
    queryKey: ['schedulePreview', value.cron, value.timeZone],
    queryFn: ({ signal }) => call(previewSchedule, { query: { cron: value.cron, timeZone: value.timeZone }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const zones = Intl.supportedValuesOf('timeZone');
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-2">
        <Field label="Runs" className="w-44">
          {(ids) => (
            <Select
              {...ids}
              value={preset?.every ?? 'quartz'}
              onChange={(event) => {
                const next = presetOf(event.target.value, fromCron(value.cron));
                onQuartz(next === null);
                if (next) set(next);
              }}
            >
              {kinds.map(([key, label]) => (
                <option key={key} value={key}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {preset?.every === 'week' ? (
          <Field label="Day" className="w-36">
            {(ids) => (
              <Select
                {...ids}
                value={preset.day}
                onChange={(event) => set({ ...preset, day: Number(event.target.value) })}
              >
                {weekdays.map((day, index) => (
                  <option key={day} value={index + 1}>
                    {day}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        {preset?.every === 'month' ? (
          <Field label="Day of the month" className="w-32">
            {(ids) => (
              <Select
                {...ids}
                value={preset.day}
                onChange={(event) => set({ ...preset, day: Number(event.target.value) })}
              >
                {Array.from({ length: 31 }, (_, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: days of a month
                  <option key={index} value={index + 1}>
                    {index + 1}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
        {preset?.every === 'hour' ? (
          <Field label="At minute" className="w-24">
            {(ids) => (
              <Input
                {...ids}
                type="number"
                min={0}
                max={59}
                value={preset.minute}
                onChange={(event) => set({ ...preset, minute: Math.min(59, Math.max(0, Number(event.target.value))) })}
              />
            )}
          </Field>
        ) : preset ? (
          <Field label="At" className="w-28">
            {(ids) => (
              <Input
                {...ids}
                type="time"
                value={`${String(preset.hour).padStart(2, '0')}:${String(preset.minute).padStart(2, '0')}`}
                onChange={(event) => {
                  const [hour, minute] = event.target.value.split(':').map(Number);
                  if (hour !== undefined && minute !== undefined) set({ ...preset, hour, minute });
                }}
              />
            )}
          </Field>
        ) : (
          <Field label="Expression" className="w-56">
            {(ids) => (
              <Input
                {...ids}
                className="font-mono"
                spellCheck={false}
                value={value.cron}
                onChange={(event) => onChange({ ...value, cron: event.target.value })}
              />
            )}
          </Field>
        )}
        <Field label="Time zone" className="w-52">
          {(ids) => (
            <Select
              {...ids}
              value={value.timeZone}
              onChange={(event) => onChange({ ...value, timeZone: event.target.value })}
            >
              {(zones.includes(value.timeZone) ? zones : [value.timeZone, ...zones]).map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
              {zones.includes('UTC') || value.timeZone === 'UTC' ? null : <option>UTC</option>}
            </Select>
          )}
        </Field>
      </div>
      <div aria-live="polite" className="rounded-card border border-line bg-sunken px-3 py-2 text-sm">
        {preview.error ? (
          <p className="text-red">{preview.error.message}</p>
        ) : (
          <>
            <p className="mb-1 text-muted text-xs">Next times in {value.timeZone}</p>
            <ol className="min-h-25">
              {preview.data?.atMs.map((at) => (
                <li key={at}>{timeIn(at, value.timeZone)}</li>
              ))}
            </ol>
          </>
        )}
      </div>
      <Checkbox
        label="Paused: nothing starts by itself"
        checked={value.paused}
        onChange={(event) => onChange({ ...value, paused: event.target.checked })}
      />
    </div>
  );
}

function timeIn(atMs: number, timeZone: string): string {
  try {
    return new Date(atMs).toLocaleString('en-GB', {
      timeZone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
    });
  } catch {
    return new Date(atMs).toISOString();
  }
}
