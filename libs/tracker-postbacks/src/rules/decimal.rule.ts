/** The exact sum of canonical amounts, in the largest scale of its addends. */
export function sumOfAmounts(amounts: readonly string[]): string {
  const scale = Math.max(0, ...amounts.map(scaleOf));
  let sum = 0n;
  for (const amount of amounts) {
    sum += BigInt(amount.replace('.', '') + '0'.repeat(scale - scaleOf(amount)));
  }
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return (sum < 0n ? '-' : '') + whole + (scale === 0 ? '' : `.${digits.slice(-scale)}`);
}

/** The amount with the other sign; zero has none. */
export function negated(amount: string): string {
  if (amount.startsWith('-')) return amount.slice(1);
  return /[1-9]/.test(amount) ? `-${amount}` : amount;
}

function scaleOf(amount: string): number {
  const point = amount.indexOf('.');
  return point === -1 ? 0 : amount.length - point - 1;
}
