import { ENGINES } from './engines';

/** `describe` where MySQL or MariaDB can be reached; elsewhere its tests are listed as skipped. */
export const onMysql = ENGINES.includes('mysql') ? describe : describe.skip;
