import { type TcpProxy } from '../edge/tcp-proxy';

const MOST_QUESTIONS = 2_000;

/** Cuts the cable over and over, each time for a moment. */
export async function breakOften(proxy: TcpProxy, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    await turns(50);
    proxy.cut();
    await turns(5);
    proxy.restore();
  }
}

/** Lets timers and sockets have so many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Asks again and again, a few turns of the event loop apart. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let asked = 0; asked < MOST_QUESTIONS; asked++) {
    if (await holds()) return;
    await turns(5);
  }
  throw new Error(`It still did not hold after ${MOST_QUESTIONS} questions.`);
}
