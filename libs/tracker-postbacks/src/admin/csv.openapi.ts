import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiProduces } from '@nestjs/swagger';

/** The answer of an export. */
export function ApiCsv(description: string, head: string): MethodDecorator {
  return applyDecorators(
    ApiProduces('text/csv'),
    ApiOkResponse({
      description:
        `${description} RFC 4180 in UTF-8 with a byte order mark, as spreadsheets want it; texts that one would take ` +
        "for a formula begin with `'`, amounts stay numbers. Cut off without the last chunk when something fails on the way.",
      headers: {
        'Content-Disposition': {
          description: 'A file to save.',
          schema: { type: 'string', example: 'attachment; filename="postbacks.csv"' },
        },
      },
      content: { 'text/csv': { schema: { type: 'string', example: `${head}\r\n` } } },
    }),
  );
}
