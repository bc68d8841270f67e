/**
 * What the network called: the public address and the request target as it arrived, which holds the global prefix. A
 * path of the public address that a proxy takes off is put back; one that the application sees too is not doubled.
 */
export function fullUrl(publicUrl: string, target: string): string {
  const { origin, pathname } = new URL(publicUrl);
  const base = pathname.replace(/\/+$/, '');
  const path = target.startsWith('/') ? target : `/${target}`;
  const inside = base === '' || path.toLowerCase().startsWith(`${base.toLowerCase()}/`);
  return inside ? `${origin}${path}` : `${origin}${base}${path}`;
}
