import { PreparedTexts } from './mysql.prepared';

describe('statements that a connection prepares', () => {
  it('are sent as they are the first time, prepared the second time and called by name from then on', () => {
    const texts = new PreparedTexts();
    const batch = [`SELECT 'it''s' AS a`, 'SELECT 2'];
    expect(texts.take(batch)).toEqual({ ahead: [], sent: batch });
    expect(texts.take(batch)).toEqual({
      ahead: [`PREPARE tracker_1 FROM 'SELECT ''it''''s'' AS a'`, `PREPARE tracker_2 FROM 'SELECT 2'`],
      sent: ['EXECUTE tracker_1', 'EXECUTE tracker_2'],
    });
    expect(texts.take(['SELECT 2', 'SELECT 3'])).toEqual({
      ahead: [],
      sent: ['EXECUTE tracker_2', 'SELECT 3'],
    });
  });

  it('are prepared once when one transaction has them twice', () => {
    expect(new PreparedTexts().take(['SELECT 1', 'SELECT 1', 'SELECT 1'])).toEqual({
      ahead: [`PREPARE tracker_1 FROM 'SELECT 1'`],
      sent: ['SELECT 1', 'EXECUTE tracker_1', 'EXECUTE tracker_1'],
    });
  });

  it('are given up in the order they were last used, so that the server keeps a bounded number', () => {
    const texts = new PreparedTexts();
    const alive = new Set<string>();
    const run = (text: string): readonly string[] => {
      const { ahead, sent } = texts.take([text]);
      for (const statement of ahead) {
        const [, verb, name = ''] = /^(PREPARE|DEALLOCATE PREPARE) (\w+)/.exec(statement) ?? [];
        if (verb === 'PREPARE') alive.add(name);
        else expect(alive.delete(name)).toBe(true);
      }
      return sent;
    };
    for (let n = 0; n < 300; n++) {
      run(`SELECT ${n}`);
      run(`SELECT ${n}`);
      expect(run('SELECT often')).toEqual([n === 0 ? 'SELECT often' : 'EXECUTE tracker_3']);
      expect(alive.size).toBeLessThanOrEqual(64);
    }
    expect(run('SELECT 0')).toEqual(['SELECT 0']);
    expect(run('SELECT 299')).toEqual(['EXECUTE tracker_301']);
  });
});
