export type Questions = Readonly<Record<string, (order: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly question: string;
  readonly order: never;
}

/**
 * The child's side of `ChildHandle`: answers questions until the bench closes the channel or dies, then cleans up and
 * ends. Signals are left to the bench, so that Ctrl-C stops everything in its order.
 */
export function answerQuestions(
  questions: Questions,
  cleanUp: () => Promise<void> = () => Promise.resolve(),
): void {
  process.on('message', ({ id, question, order }: Question) => {
    void answer(questions, question, order).then((reply) => process.send?.({ id, ...reply }));
  });
  process.once('disconnect', () => {
    cleanUp()
      .catch((error: unknown) => {
        console.error(error);
      })
      // Not exitCode: an open socket must not keep a process of a finished bench alive.
      .finally(() => process.exit());
  });
  process.on('SIGINT', () => undefined);
}

async function answer(
  questions: Questions,
  question: string,
  order: never,
): Promise<{ readonly value: unknown } | { readonly error: string }> {
  try {
    const answering = questions[question];
    if (answering === undefined) throw new TypeError(`There is no question "${question}".`);
    return { value: await answering(order) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
