export { CollectingRunner, type CollectedResult } from './collecting-runner.js';
export {
  actFor,
  answers,
  garbage,
  hangs,
  hangsUntilAborted,
  perform,
  throws,
  throwsAtOnce,
  waits,
  type Act,
  type Script,
} from './fakes/act.js';
export { attempt, plainProof, type AttemptParts } from './fakes/attempt.js';
export { CapturedLog, type LogLine } from './fakes/captured-log.js';
export { CapturedMetrics } from './fakes/captured-metrics.js';
export { FakeBackends, type FakeBackend } from './fakes/fake-backends.js';
export { fakePolicy, type FakePolicy, type PolicyScript } from './fakes/fake-policy.js';
export { fakeRouter, places, type FakeRouter, type RoutingQuestion } from './fakes/fake-router.js';
export { FakeChanges } from './fakes/fake-changes.js';
export { FakeLedger } from './fakes/fake-ledger.js';
export { FakeStores } from './fakes/fake-stores.js';
export { FakeRoutes, type RoutesQuestion } from './fakes/fake-routes.js';
export { fakeServices, type FakeServices, type FakeServicesOptions } from './fakes/fake-services.js';
export { fakeStore, type FakeStore, type FakeStoreOptions } from './fakes/fake-store.js';
export { LiveClock } from './fakes/live-clock.js';
export { ManualFiles } from './fakes/manual-files.js';
export { MemoryState } from './fakes/memory-state.js';
export { SteppableClock } from './fakes/steppable-clock.js';
export { parseConfig, type ConfigOf } from './parse-config.js';
export type { TestRunner } from './runner.js';
export { CertificateAuthority, type ClientSubject, type KeyPair } from './servers/certificates.js';
export { Conversation, type ConversationOptions } from './servers/conversation.js';
export type { DatabaseServer, DatabaseServerOptions } from './servers/database-server.js';
export type { DovecotOptions, DovecotUser } from './servers/dovecot-config.js';
export { startDovecot, type Dovecot } from './servers/dovecot.js';
export { accepts, connectTo, freePort, hasIpv6, type Endpoint } from './servers/endpoint.js';
export type { Fault } from './servers/fault.js';
export { FaultyProxy } from './servers/faulty-proxy.js';
export { Gateway, type GatewayConfig, type GatewayOptions } from './servers/gateway.js';
export { startMariadb } from './servers/mariadb.js';
export type { MailListener, MailProtocol, NginxOptions } from './servers/nginx-config.js';
export { startNginx, type Nginx } from './servers/nginx.js';
export { startPostgres } from './servers/postgres.js';
export { Reaper } from './servers/reaper.js';
export { startRedis, startRedisCluster, startSentinel, type RedisOptions, type RedisServer } from './servers/redis.js';
export { findProgram, missingRequirements, requireProgram, requirements, type Requirement } from './servers/requirements.js';
export { ServerProcess, type ProcessEnd, type ProcessOptions } from './servers/server-process.js';
export { ServerRoom } from './servers/server-room.js';
export { slapdManager, slapdSuffix, type SlapdOptions } from './servers/slapd-config.js';
export { startSlapd, type Slapd } from './servers/slapd.js';
export { describeWithServers, type ServerSuiteRunner, type SuiteSurroundings } from './servers/suite.js';
export { TinyBackend, type TinyBackendOptions } from './servers/tiny-backend.js';
export { describeBackendRouter, type BackendRouterSetup } from './suites/backend-router.js';
export { describeCredentialStore, type CredentialStoreSetup, type Login, type StoreUnderTest } from './suites/credential-store.js';
export { describePolicy, type PolicySetup, type PolicyUnderTest } from './suites/policy.js';
export { describeStoreOutages, type ProxyEndpoint, type StoreOutagesSetup } from './suites/store-outage.js';
export type { OutageCaseId } from './suites/store-cases/outages.js';
