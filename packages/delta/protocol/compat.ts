import type { Protocol } from '../actions/types.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';
import { protocolErrors } from './errors.ts';
import { supports } from './protocol.ts';

/** PROTOCOL.md "Iceberg Compatibility V1" and "V2": what a table must be so that Iceberg readers can read its files. */
export type Compat = 'V1' | 'V2';

const isOn = (configuration: Readonly<Record<string, string>>, name: string): boolean =>
  configuration[name]?.toLowerCase() === 'true';

export function compatOf(configuration: Readonly<Record<string, string>>): Compat | null {
  if (isOn(configuration, 'delta.enableIcebergCompatV1')) return 'V1';
  return isOn(configuration, 'delta.enableIcebergCompatV2') ? 'V2' : null;
}

/** Partition values lie in the files too, after the other columns. */
export const materializesPartitions = (configuration: Readonly<Record<string, string>>, protocol: Protocol): boolean =>
  compatOf(configuration) !== null || supports(protocol, 'materializePartitionColumns');

/** Throws DELTA_ICEBERG_COMPAT_VIOLATION. */
export function checkCompat(
  configuration: Readonly<Record<string, string>>,
  fields: readonly DeltaField[],
  protocol: Protocol,
): void {
  const compat = compatOf(configuration);
  if (!compat) return;
  const fail = (why: string) => protocolErrors.compatViolation(compat, why);
  if (compat === 'V1' && isOn(configuration, 'delta.enableIcebergCompatV2'))
    throw fail('only one version of IcebergCompat can be enabled');
  const mode = configuration['delta.columnMapping.mode'];
  if (mode !== 'name' && mode !== 'id') throw fail('it needs delta.columnMapping.mode = name');
  if (isOn(configuration, 'delta.enableDeletionVectors') || (compat === 'V1' && supports(protocol, 'deletionVectors')))
    throw fail('deletion vectors must be disabled');
  const wrong = fields.flatMap((field) => unsupported(field.type, field.name, compat));
  if (wrong.length) throw fail(`it does not support ${wrong.join(', ')}`);
}

function unsupported(type: DeltaType, path: string, compat: Compat): string[] {
  switch (type.kind) {
    case 'leaf':
      return type.type.kind === 'void' || type.type.kind === 'variant' ? [`the type ${type.type.kind} of ${path}`] : [];
    case 'struct':
      return type.fields.flatMap((field) => unsupported(field.type, `${path}.${field.name}`, compat));
    case 'array':
      return compat === 'V1' ? [`the array ${path}`] : unsupported(type.element, `${path}.element`, compat);
    case 'map':
      return compat === 'V1'
        ? [`the map ${path}`]
        : [...unsupported(type.key, `${path}.key`, compat), ...unsupported(type.value, `${path}.value`, compat)];
  }
}
