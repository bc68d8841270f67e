/** ISO 4217 codes in use, and the coins that affiliate networks pay in. */
const CODES = `
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP
CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UYW UZS VED VES
VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
USDT USDC BTC ETH TON TRX LTC BNB XRP SOL DOGE`;

export const KNOWN_CURRENCIES: ReadonlySet<string> = new Set(CODES.trim().split(/\s+/));

/** Currencies that are called dollar and written `$`. */
const DOLLARS: ReadonlySet<string> = new Set(
  'USD AUD BBD BMD BND BSD BZD CAD FJD GYD HKD JMD KYD LRD NAD NZD SBD SGD SRD TTD TWD XCD'.split(' '),
);

/** What a bare `$` is called until the default currency says which dollar it is. */
export const DOLLAR_SIGN = '$';

/** Symbols that stand beside an amount, and the one currency each means. */
export const CURRENCY_OF_SYMBOL: ReadonlyMap<string, string> = new Map([
  ['US$', 'USD'],
  ['R$', 'BRL'],
  ['$', DOLLAR_SIGN],
  ['\u20ac', 'EUR'],
  ['\u00a3', 'GBP'],
  ['\u00a5', 'JPY'],
  ['\u20bd', 'RUB'],
  ['\u20b4', 'UAH'],
  ['\u20b8', 'KZT'],
  ['\u20ba', 'TRY'],
  ['\u20b9', 'INR'],
  ['\u20a9', 'KRW'],
  ['\u20ab', 'VND'],
  ['\u20a6', 'NGN'],
  ['\u20bf', 'BTC'],
]);

export function isDollar(currency: string): boolean {
  return DOLLARS.has(currency);
}

/** The one currency that two marks agree on: `$` agrees with every dollar. Null when they do not. */
export function agreed(one: string, other: string): string | null {
  if (one === other) return one;
  if (one === DOLLAR_SIGN && isDollar(other)) return other;
  if (other === DOLLAR_SIGN && isDollar(one)) return one;
  return null;
}
