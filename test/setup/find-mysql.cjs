const { createConnection } = require('mysql2/promise');

/**
 * Asks which of MySQL and MariaDB there is, if any, before jest decides what to run. The answer goes to the specs by the
 * environment.
 */
module.exports = async function findMysql(env) {
  env.TEST_MYSQL_URL ??= 'mysql://root@127.0.0.1:3306';
  const { host } = new URL(env.TEST_MYSQL_URL);
  try {
    const connection = await createConnection({ uri: env.TEST_MYSQL_URL, connectTimeout: 2000 });
    try {
      const [[{ version }]] = await connection.query('SELECT version() AS version');
      env.TRACKER_TEST_MYSQL_TYPE = version.includes('MariaDB') ? 'mariadb' : 'mysql';
      env.TRACKER_TEST_MYSQL = `${env.TRACKER_TEST_MYSQL_TYPE} ${version.split('-')[0]} at ${host}`;
      env.TRACKER_TEST_ENGINES = 'postgres,mysql,sqlite';
      return true;
    } finally {
      await connection.end();
    }
  } catch (error) {
    env.TRACKER_TEST_MYSQL = `mysql not reachable at ${host} (${error.code ?? error.message}): skipped`;
    env.TRACKER_TEST_ENGINES = 'postgres,sqlite';
    return false;
  }
};
