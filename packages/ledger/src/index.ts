export { Book, type BookParts } from './book.js';
export {
  noFacts,
  type DayFacts,
  type DomainFacts,
  type FactsWanted,
  type LedgerFacts,
  type ListedUser,
  type StepFacts,
  type UserList,
} from './facts.js';
export { LedgerReader } from './ledger-reader.js';
export { classOf, type ComparisonClass } from './user-notes.js';
