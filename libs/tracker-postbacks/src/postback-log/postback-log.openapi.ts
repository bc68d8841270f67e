/** The header by which callers choose the language of messages. */
export const LANGUAGE = {
  name: 'Accept-Language',
  required: false,
  schema: { type: 'string' as const, example: 'ru' },
  description: 'Language of the messages: English or Russian.',
};
