import { hash } from 'node:crypto';
import { type Parameter } from './parameters.rule';

/**
 * Hex SHA-256 over all parameters with decoded values: the same for the same parameters in any order. Lengths are part
 * of it, so that no value can pass for the start of another parameter.
 */
export function requestHashOf(parameters: readonly Parameter[]): string {
  const lines = parameters.map(({ name, value }) => `${name.length}:${name}=${value.length}:${value}`);
  return hash('sha256', lines.sort().join('\n'), 'hex');
}
