const OWN = /^(?:tracker\.(?:event|cost|currency|tid)|fields\..*|key)$/i;
const BREAKING = /[&=#?\s]/;

/**
 * Whether a name can be one of a network's own parameters: not one that we read ourselves (`key` is taken out of every
 * request before anything is stored), and nothing that ends a name.
 */
export function isParameterName(name: string): boolean {
  return name !== '' && !OWN.test(name) && !BREAKING.test(name);
}
