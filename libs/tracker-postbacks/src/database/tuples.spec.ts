import { sendTuples, tuples, tuplesParameter } from './tuples';

const COLUMNS = { seq: 'integer', test: 'boolean', name: 'text', note: 'text' } as const;
const ROWS = [
  { seq: '9007199254740993', test: true, name: 'a\u0000b', note: null },
  { seq: 2, test: true, name: '😀', note: null },
];

describe('rows as one parameter', () => {
  it('are arrays in the order of the columns, cleaned, with null for what a row does not have', () => {
    expect(JSON.parse(tuplesParameter([...ROWS, { seq: 3 }], COLUMNS))).toEqual([
      ['9007199254740993', true, 'ab', null],
      [2, true, '😀', null],
      [3, null, null, null],
    ]);
  });

  it('are read by their places', () => {
    expect(tuples('mysql', '@rows', { seq: 'integer', name: 'text' })).toBe(
      "JSON_TABLE(@rows, '$[*]' COLUMNS (`seq` bigint PATH '$[0]' ERROR ON ERROR, `name` longtext " +
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_exact PATH '$[1]' ERROR ON ERROR))",
    );
    expect(tuples('sqlite', '@rows', { seq: 'integer', name: 'text' })).toBe(
      `(SELECT CAST(json_extract(value, '$[0]') AS INTEGER) AS "seq", json_extract(value, '$[1]') AS "name" ` +
        'FROM json_each(@rows))',
    );
  });

  it('carry what all of them share once, where all of a group is shared', () => {
    const { source, parameter } = sendTuples('mysql', '@rows', ROWS, COLUMNS, [['test', 'note'], ['name']]);
    expect(JSON.parse(parameter)).toEqual({
      s: [true, null],
      r: [
        ['9007199254740993', 'ab'],
        [2, '😀'],
      ],
    });
    expect(source).toMatch(
      /^\(SELECT r\.`seq`, s\.`test`, r\.`name`, s\.`note` FROM JSON_TABLE\(@rows, '\$\.s' .* s STRAIGHT_JOIN/,
    );
    const apart = sendTuples('mysql', '@rows', ROWS, COLUMNS, [['test', 'name']]);
    expect(JSON.parse(apart.parameter)).toMatchObject({
      s: [],
      r: [
        [expect.anything(), true, 'ab', null],
        [2, true, '😀', null],
      ],
    });
    expect(apart.source).toMatch(/^JSON_TABLE\(@rows, '\$\.r\[\*\]'/);
  });

  it('need one text for every single row', () => {
    const sent = ROWS.map((row) => sendTuples('mysql', '@rows', [row], COLUMNS, [['note']]));
    expect(sent[0]?.source).toBe(sent[1]?.source);
    expect(JSON.parse(sent[1]?.parameter ?? '')).toEqual({ s: [2, true, '😀', null], r: [[]] });
  });
});
