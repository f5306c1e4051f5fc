export type { Account, Attributes } from './account.js';
export type { Certificate, LoginAttempt, Proof } from './attempt.js';
export { cidr, hostPort, isHostText, Networks, networks, parseHostPort } from './fields/address.js';
export { bind, bindConfig, BindingError, type BindingProblem, type Bound, type ConfigPlace } from './fields/bound.js';
export { asciiDomain } from './fields/domain.js';
export { duration, parseDuration } from './fields/duration.js';
export { FilePath, filePath } from './fields/file-path.js';
export { Secret, secret, type SecretSource } from './fields/secret.js';
export { SecretUrl, secretUrl, type UrlReading } from './fields/secret-url.js';
export {
  splitUser,
  Template,
  template,
  templateValue,
  templateVariables,
  type TemplatePart,
  type TemplateVariable,
} from './fields/template.js';
export { textMap } from './fields/text-map.js';
export {
  comparisonKinds,
  type Comparison,
  type ComparisonKind,
  type HashNote,
  type Ledger,
  type LedgerEntry,
  type LedgerEvent,
} from './ledger.js';
export type { Health, Lifecycle } from './lifecycle.js';
export { mechanisms, protocols, type Mechanism, type Protocol } from './mechanism.js';
export { isOfThisLogin, isOverload, TroubleOfThisLogin } from './overload.js';
export {
  apiVersion,
  definePlugin,
  type Advice,
  type ConfigPath,
  type Inspection,
  type Plugin,
  type Role,
  type RoleInstance,
  type StoreTask,
} from './plugin.js';
export type { Ask, Ban, Bans, Policy } from './policy.js';
export type { BackendRef, BackendRouter, Routing } from './router.js';
export type { Routes, Whereabouts } from './routes.js';
export type {
  Backends,
  BackendView,
  Change,
  Changes,
  Clock,
  Counter,
  Files,
  FollowedFile,
  Gauge,
  Histogram,
  Labels,
  Log,
  LogFields,
  MemberRules,
  MetricOptions,
  Metrics,
  Services,
  SharedState,
} from './services.js';
export type { CredentialStore, Enrolled, Kept, Lookup, PasswordHash, StoreAbilities } from './store.js';
export type { Heard, NamedStore, Stores } from './stores.js';
export type { RefusedWhy, Verdict, VerdictKind } from './verdict.js';
