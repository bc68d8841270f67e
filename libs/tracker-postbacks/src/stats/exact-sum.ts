import { type DatabaseEngine } from '../database/engine';

/** Digits of an amount that one sum of SQLite takes at once: a billion rows of them stay below 2^63. */
const LIMB = 9;
/** Enough for 45 digits; an amount has 18 before its decimal mark and 18 after it, one more where parameters were added. */
const LIMBS = 5;

/** How amounts, which are canonical decimals as text, are added up in SQL. */
export interface ExactSum {
  /** The sum as text, to be read by {@link readSum}. */
  readonly sum: string;
  /** What to group by besides, so that the addends of one sum have one scale; null where the engine does without. */
  readonly scale: string | null;
}

/**
 * Adds without losing a digit, in the largest scale of the addends. PostgreSQL's `numeric` does just that. Elsewhere the
 * amounts of one scale are added as whole numbers: MySQL's decimals have one scale for a whole column, SQLite has 64 bits
 * and floats.
 */
export function exactSum(engine: DatabaseEngine, amount: string): ExactSum {
  const digits = `replace(${amount}, '.', '')`;
  const scale = `CASE WHEN instr(${amount}, '.') = 0 THEN 0 ELSE length(${amount}) - instr(${amount}, '.') END`;
  switch (engine) {
    case 'postgres':
      return { sum: `CAST(sum(CAST(${amount} AS numeric)) AS text)`, scale: null };
    case 'mysql':
      return { sum: `CAST(sum(CAST(${digits} AS decimal(43, 0))) AS char)`, scale };
    case 'sqlite': {
      const sign = `CASE WHEN ${amount} LIKE '-%' THEN -1 ELSE 1 END`;
      const limbs = Array.from({ length: LIMBS }, (_, n) => {
        const limb = `substr(replace(${digits}, '-', ''), ${-LIMB * (n + 1)}, ${LIMB})`;
        return `CAST(sum(CAST(${limb} AS integer) * ${sign}) AS text)`;
      });
      return { sum: limbs.join(` || ' ' || `), scale };
    }
  }
}

/** The canonical decimal that a sum and the scale it was grouped by stand for; null where there was nothing to add. */
export function readSum(sum: string | null, scale: number | null): string | null {
  if (sum === null || scale === null) return sum;
  const limb = 10n ** BigInt(LIMB);
  const units = sum.split(' ').reduceRight((total, part) => total * limb + BigInt(part), 0n);
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}
