/** How bad a problem of the config is. An error stops the start; a warning is only said. */
export type Severity = 'error' | 'warning';

/** What a stable error code means. `meaning` is one paragraph, printed into the documentation. */
export interface ErrorCode {
  readonly severity: Severity;
  readonly meaning: string;
}

const error = (meaning: string): ErrorCode => ({ severity: 'error', meaning });
const warning = (meaning: string): ErrorCode => ({ severity: 'warning', meaning });

/** Every code of a `ConfigError`. Codes are stable: scripts match on them. */
export const errorCodes = {
  'config-unreadable': error(
    'The config file is not there, cannot be read by the user that runs the gateway, is larger than 16 MiB, or is not UTF-8 text.',
  ),
  'yaml-syntax': error(
    'The file is not valid YAML, so nothing else in it could be checked. Most often the indentation is off, or a text that holds `: `, `#`, `{`, `*`, `&` or `!` stands without quotes.',
  ),
  'yaml-duplicate-key': error('A key stands twice in one mapping. YAML readers disagree on which one wins, so neither is taken.'),
  'yaml-alias': error(
    'Aliases in the file expand to far more than what is written (an alias bomb), or refer to themselves. Write the values out.',
  ),
  'unknown-key': error(
    'A key that nobody reads. A typing error must not silently switch off what was meant, so it stops the start. The message says what may stand there, and guesses what was meant.',
  ),
  'missing-key': error('A key without which the section means nothing, and for which no default would be right.'),
  'bad-value': error(
    'A value of the wrong type, outside its range, or not one of the words that are known. Nothing is defaulted from a bad value.',
  ),
  'unbound-value': error(
    'A secret or a file that the config refers to cannot be had: the environment variable is not set or empty, or the file is not there, empty, or not readable.',
  ),
  'key-unusable': error(
    'A key or token cannot be sent in an HTTP header as it is: it holds control characters, characters outside ASCII, or white space at an end.',
  ),
  'key-required': error(
    'A door listens off loopback and `nginx.key` is missing. Whoever reaches that address could try passwords without limit and learn where mailboxes live.',
  ),
  'operator-token-required': error('The operator listens off loopback and `operator.token` is missing.'),
  'no-door': error('There is neither an address in `listen` nor a `proxy` section, so nobody could ask the gateway anything.'),
  'listen-twice': error(
    'One address is named twice, or an address for all interfaces covers another one with the same port. The second could not be opened.',
  ),
  'no-store': error(
    'No plugin in the list is a credential store that is switched on, so nobody could be let in. Stores with `mode: off` or `mode: shadow` do not count.',
  ),
  'no-router': error('No plugin in the list is a backend router, so nobody who is let in could be placed.'),
  'duplicate-instance': error(
    'Two entries of the plugin list have the same instance name. Logs, metrics and health are told apart by it: give one of them another name with `as`.',
  ),
  'store-only': error('`on`, `mode` and `limits.breaker` are about asking a credential store. The plugin here has another role.'),
  'policy-order': error(
    'A policy that may answer with what it asked a store itself stands before other policies. They would not be asked about that answer, and what they forbid would be let in.',
  ),
  'plugin-unresolvable': error(
    'The value of `use` is neither a bundled plugin, nor an npm package that can be found from the folder of the config file, nor a file. Step: resolve.',
  ),
  'plugin-import-failed': error(
    'The plugin was found, but running its module failed: it threw, does not parse, imports something that is not there, or did not finish within its time. Step: import.',
  ),
  'plugin-missing': error(
    'The module loads but exports no plugin, or several: it needs an export called `plugin`, or a default export, or one export only that is a plugin. Step: shape.',
  ),
  'plugin-shape': error(
    'The module exports a plugin that is not whole: it needs `apiVersion`, `role`, `use`, `config` (a zod schema) and `create`. Step: shape.',
  ),
  'plugin-api-version': error(
    'The plugin was written for another version of the plugin contract. Install a version of it that fits this gateway. Step: apiVersion.',
  ),
  'plugin-failed': error('The plugin threw while it checked its config. That is a fault in the plugin. Step: config.'),
  'plugin-refused': error('The plugin itself says that its config cannot work, although every value is well formed. Step: config.'),
  'store-unknown': error('A plugin asks a store by a name that no credential store in the list has, or one that is switched off.'),
  'store-lacks': error(
    'A plugin asks a store for something that store cannot do, for example to keep a password hash. What a store can do may depend on its own options.',
  ),
  'backend-unknown': error('A plugin names a backend that is not declared under `backends`.'),
  'backend-unused': error(
    'A declared backend that no plugin names: most often a name was mistyped, or a server was forgotten in a list. Where a router names backends at run time (from a file, a database or a pattern), none counts as unused.',
  ),
  'redis-missing': error('A plugin asks Redis, and the config has no `redis` section that says where it is.'),
  'create-failed': error(
    'The plugin threw while its instance was made, or made something that does not fit its role. Making an instance opens nothing, so this is a mistake in the config or in the plugin.',
  ),
  'start-failed': error(
    'On reload, an instance did not start that was working before (or is new). The gateway goes on with the old config. At the first start this does not stop the gateway: the instance is down and is tried again.',
  ),
  'door-failed': error(
    'An address cannot be listened on: another program has it, it is not an address of this machine, or permission is missing.',
  ),
  'literal-secret': warning(
    'A password or key stands in the config file itself. It works, but it ends up in backups and repositories; `{ env: NAME }` and `{ file: PATH }` do not.',
  ),
  'no-key': warning(
    '`nginx.key` is not set. On loopback and unix sockets that is allowed, but every local user who can connect may then try passwords without limit.',
  ),
  'tls-not-required': warning(
    '`nginx.requireTls` is off: a mail client that does not ask for TLS sends its password in clear text, and is let in.',
  ),
  'proxy-without-tls': warning('The Express door listens off loopback without `proxy.tls`, so passwords cross the network in clear text.'),
  'peers-none': warning('`nginx.allow` is an empty list: nobody may ask over TCP, this machine included. A unix socket is not concerned.'),
  'peers-only-local': warning(
    'A door listens off loopback, but `nginx.allow` admits nobody except this machine: every other nginx will be refused.',
  ),
  'external-unmapped': warning(
    'Client certificates are expected but will be denied: `identity.certificateUser` is missing, or no credential store can look users up.',
  ),
  'external-without-password': warning(
    'nginx has no password to pass on after a login by client certificate. IMAP and POP3 need one: set `backends.NAME.login.password` (a master password), or let the store give one.',
  ),
  'recipients-unknown': warning(
    '`nginx.none.knownRecipients` is set, but no credential store can look users up, so every recipient will be refused for now.',
  ),
  'attributes-unknown': warning(
    'A store asks the routers where somebody lives before anybody has been let in, and a router goes by an attribute of the account, which is known only afterwards. Logins that come to both are deferred. Where `when` keeps them apart, or another router knows the account without attributes, all is well.',
  ),
  'plugin-advice': warning('The plugin has something to say about its config. It works all the same.'),
  'restart-needed': warning(
    'A setting changed that a running gateway cannot change. Everything else was taken over; this one follows with a restart.',
  ),
} as const satisfies Readonly<Record<string, ErrorCode>>;

export type ConfigErrorCode = keyof typeof errorCodes;
