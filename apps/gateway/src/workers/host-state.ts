import type { MemberRules, SharedState } from '@postern/contract';

/** One question about the state, as it crosses from a worker to the primary. */
export type StateQuestion =
  | readonly ['get', string]
  | readonly ['set', string, string, number]
  | readonly ['increment', string, number, number]
  | readonly ['delete', string]
  | readonly ['note', string, string, MemberRules]
  | readonly ['forget', string, string]
  | readonly ['count', readonly string[]]
  | readonly ['ping'];

/** Answers from the memory that the workers of one host share. JSON knows no `undefined`: what is not there is null. */
export const answerFrom = async (state: SharedState, question: StateQuestion): Promise<unknown> => {
  switch (question[0]) {
    case 'get':
      return (await state.get(question[1])) ?? null;
    case 'set':
      await state.set(question[1], question[2], question[3]);
      return null;
    case 'increment':
      return state.increment(question[1], question[2], question[3]);
    case 'delete':
      await state.delete(question[1]);
      return null;
    case 'note':
      return state.note(question[1], question[2], question[3]);
    case 'forget':
      await state.forget(question[1], question[2]);
      return null;
    case 'count':
      return state.count(question[1]);
    case 'ping':
      return true;
  }
};
