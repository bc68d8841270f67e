import { type Judgement } from '../oracle/oracle';
import { type Evidence } from '../oracle/facts';
import { type Figures } from './proof.types';

/** The figures that every proof with an oracle has in common. */
export function judgedFigures({ evidence, counts }: Judgement & { readonly evidence: Evidence }): Figures {
  const { testimony, facts, receipts } = evidence;
  return {
    'postbacks sent': testimony.sent.length,
    'acknowledged (2xx, 4xx)': testimony.answers.filter(({ http }) => http !== null && http < 500).length,
    'rows stored': facts.postbacks.length,
    conversions: facts.conversions.length,
    events: facts.events.length,
    'deliveries received': receipts.filter(({ kind }) => kind === 'end').length,
    'deliveries parked': facts.deliveries.filter(({ status }) => status === 'parked').length,
    'acknowledged lost': counts.lost,
    'counted twice': counts.doubled,
    'otherwise wrong': counts.wrong,
    'not delivered': counts.undelivered,
    'out of order': counts.misordered,
  };
}
