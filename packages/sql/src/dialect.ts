/** The SQL that a database speaks; decides on the driver and on how statements are read. MariaDB counts as `mysql`. */
export type Dialect = 'postgres' | 'mysql' | 'sqlite';
