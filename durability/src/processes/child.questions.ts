export type Questions = Readonly<Record<string, (order: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly question: string;
  readonly order: never;
}

/**
 * The child's side of `ChildProcessHandle`. It ends when the proof closes the channel or dies, so that no proof leaves
 * a process behind, whatever happened to it.
 */
export function answerQuestions(
  questions: Questions,
  cleanUp: () => Promise<void> = () => Promise.resolve(),
): void {
  process.on('message', ({ id, question, order }: Question) => {
    void answer(questions, question, order).then((reply) => {
      if (process.connected) process.send?.({ id, ...reply });
    });
  });
  process.once('disconnect', () => {
    cleanUp()
      .catch((error: unknown) => {
        console.error(error);
      })
      // An open socket must not keep a process of a finished proof alive.
      .finally(() => process.exit());
  });
  // Ctrl-C reaches the whole group; the proof stops everything in its order.
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
