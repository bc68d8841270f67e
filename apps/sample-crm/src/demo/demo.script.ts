/** One postback of the demo. */
export interface DemoStep {
  readonly label: string;
  /** The query, as the network would send it. */
  readonly query: (clickId: string) => string;
}

/** The life of a lead at 1win, mishaps of real networks included. */
export const DEMO_SCRIPT: readonly DemoStep[] = [
  {
    label: 'registration',
    query: (click) => `tracker.event=registration&clickid=${click}&fields.user_id=5`,
  },
  { label: 'conf', query: (click) => `tracker.event=conf&clickid=${click}` },
  { label: 'sale 12.50, tid 1001', query: (click) => sale(click, 'sale', '12.50', '1001') },
  { label: 'sale 20, tid 1002', query: (click) => sale(click, 'sale', '20', '1002') },
  { label: 'resale 30, tid 1003', query: (click) => sale(click, 'resale', '30', '1003') },
  { label: 'resale 30, tid 1003 again', query: (click) => sale(click, 'resale', '30', '1003') },
  {
    label: 'clickid={sub1}',
    query: () => 'tracker.event=registration&clickid={sub1}&fields.user_id=5',
  },
];

function sale(click: string, event: string, cost: string, tid: string): string {
  return (
    `tracker.event=${event}&clickid=${click}&tracker.cost=${cost}&tracker.currency=usd` +
    `&tracker.tid=${tid}&fields.user_id=5&fields.last_deposit=${cost}`
  );
}
