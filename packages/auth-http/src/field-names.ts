/**
 * The headers that nginx's `ngx_mail_auth_http_create_request` writes, as it spells them. What is read is answered with these very strings,
 * so that later look-ups need no comparison of characters.
 */
const protocolFieldNames = [
  'Auth-Method',
  'Auth-User',
  'Auth-Pass',
  'Auth-Salt',
  'Auth-Protocol',
  'Auth-Login-Attempt',
  'Client-IP',
  'Client-Host',
  'Proxy-Protocol-Addr',
  'Proxy-Protocol-Port',
  'Proxy-Protocol-Server-Addr',
  'Proxy-Protocol-Server-Port',
  'Auth-SMTP-Helo',
  'Auth-SMTP-From',
  'Auth-SMTP-To',
  'Auth-SSL',
  'Auth-SSL-Protocol',
  'Auth-SSL-Cipher',
  'Auth-SSL-Verify',
  'Auth-SSL-Subject',
  'Auth-SSL-Issuer',
  'Auth-SSL-Serial',
  'Auth-SSL-Fingerprint',
  'Auth-SSL-Cert',
] as const;

export type ProtocolFieldName = (typeof protocolFieldNames)[number];

const spellings: ReadonlyMap<string, string> = new Map([...protocolFieldNames, 'Host', 'X-Auth-Key'].map((name) => [name, name]));
const bySpelling: ReadonlyMap<string, ProtocolFieldName> = new Map(protocolFieldNames.map((name) => [name, name]));
const byLowerCase: ReadonlyMap<string, ProtocolFieldName> = new Map(protocolFieldNames.map((name) => [name.toLowerCase(), name]));

/** The name, if it is spelled as nginx and its usual config spell it: surely a token, and one string for all requests. */
export const usualName = (name: string): string | undefined => spellings.get(name);

/**
 * What a header's name is to us: a field we know in any case (rule 05), another name of the protocol's own space in lower case
 * (it must not come twice either, rule 08), or nothing of ours.
 */
export const protocolFieldName = (name: string): string | undefined => bySpelling.get(name) ?? unusualName(name.toLowerCase());

const unusualName = (name: string): string | undefined =>
  byLowerCase.get(name) ?? (/^(?:auth-|client-|proxy-protocol-)/.test(name) ? name : undefined);
