export { causeText } from './answer/cause.js';
export { Condition, type WhenConfig } from './answer/condition.js';
export type { CircuitState } from './answer/guard/circuit.js';
export { StoreGuard, type StoreLimits, type StoreStatus } from './answer/guard/store-guard.js';
export type { Home, HomeQuestion, KnownAs } from './answer/home-finder.js';
export { Identity, type CanonicalUser, type IdentityRules } from './answer/identity.js';
export type { How } from './answer/decider.js';
export type { Outcome } from './answer/outcome.js';
export { Pipeline, type PipelineParts } from './answer/pipeline.js';
export { Placer, type BackendLookup, type Placement, type Placing, type Resolved, type Standing } from './answer/placement.js';
export { Rarely } from './answer/rarely.js';
export type { RecipientRules } from './answer/recipients.js';
export { soundLookup, soundRouting, soundVerdict, type Sound } from './answer/sound.js';
export type { Onward, Seat, StepOverrides, StoreSeat } from './answer/seat.js';
export type { ComparisonWatcher, DropReason } from './answer/shadow/observer.js';
export type { Stage, Step } from './answer/step.js';
export {
  defaultPorts,
  type BackendConfig,
  type BackendLogin,
  type BackendStatus,
  type BackendTarget,
  type HealthRules,
  type PortHealth,
  type PortStatus,
} from './backends/backend.js';
export { BackendPool, type BackendPoolParts, type HealthMemory } from './backends/backend-pool.js';
export { tcpConnector, type Connector } from './backends/connector.js';
export type { HealthChange } from './backends/health-checks.js';
export { probe, type ProbeQuestion, type ProbeResult } from './backends/probe.js';
export { SystemResolver, type Resolver } from './backends/resolver.js';
export { ConfigError, ConfigFailure, pathText, problemText, type ProblemPlace } from './boot/config-error.js';
export { effectiveConfig } from './boot/effective-config.js';
export { errorCodes, type ConfigErrorCode, type ErrorCode, type Severity } from './boot/error-codes.js';
export { explainLogin, type ExplainedInstance, type Explanation, type ExplainQuestion } from './boot/explain.js';
export { explanationText } from './boot/explanation-text.js';
export type { GenerationParts, MakeServices, ServicesWanted } from './boot/generation-parts.js';
export { Generation, type StopFailure } from './boot/generation.js';
export { composeSchema, type JsonSchema } from './boot/json-schema.js';
export { keepAlive } from './boot/life/keep-alive.js';
export { defaultLimits, type LifeLimits } from './boot/life/limits.js';
export { faultOf } from './boot/life/role-shape.js';
export { PluginLoadError, type LoadStep, type PluginSource } from './boot/plugin-source.js';
export { ModulePlugins } from './boot/plugins/module-plugins.js';
export { findPlugin, type PluginFinding } from './boot/plugins/plugin-shape.js';
export { keepsLedger } from './boot/observing.js';
export { readEntry, type EntryReading } from './boot/read-entry.js';
export { readConfig, type ConfigReading, type Environment } from './boot/read-config.js';
export type { BackendReadiness, InstanceReadiness, Readiness } from './boot/readiness.js';
export type { ResolvedConfig, ResolvedUse } from './boot/resolved-config.js';
export { Running, type ReloadResult, type RunningParts, type StopResult } from './boot/running.js';
export { coreSections, type CoreConfig } from './boot/schema/core-config.js';
export type { ProxyConfig } from './boot/schema/doors.js';
export { listenText, type ListenAddress } from './boot/schema/listen.js';
export { LedgerUrl, type LedgerAddress } from './boot/schema/ledger-url.js';
export type { MigrationConfig } from './boot/schema/migration.js';
export { wantedWorkers } from './boot/wanted-workers.js';
export type { RedisConfig } from './boot/schema/redis.js';
export { parseRedisUrl, RedisUrl, type RedisServerAddress } from './boot/schema/redis-url.js';
export { pluginUseSchema, type PluginUse } from './boot/schema/plugin-use.js';
export { MemoryState, scopedState, type MemoryStateParts } from './services/memory-state.js';
export { FallbackState, type FallbackStateParts } from './services/fallback-state.js';
export { everythingChanged, SharedChanges } from './services/shared-changes.js';
export type { PlaceWatcher, Reach, SharedPlace } from './services/shared-place.js';
export { Members } from './services/members.js';
export { PolledFiles, type PolledFilesParts } from './services/polled-files.js';
export { SystemClock } from './services/system-clock.js';
export { quietLedger } from './services/quiet-ledger.js';
