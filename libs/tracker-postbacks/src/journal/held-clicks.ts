/**
 * Which clicks have postbacks in the journal: newer ones of theirs have to wait behind those. Kept as 32-bit hashes: two
 * clicks that share one only wait for each other.
 */
export class HeldClicks {
  private readonly counts = new Map<number, number>();

  add(key: number): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  release(key: number): void {
    const count = this.counts.get(key) ?? 0;
    if (count > 1) this.counts.set(key, count - 1);
    else this.counts.delete(key);
  }

  has(key: number): boolean {
    return this.counts.has(key);
  }

  get isEmpty(): boolean {
    return this.counts.size === 0;
  }
}

/** FNV-1a of the text's UTF-16 units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
