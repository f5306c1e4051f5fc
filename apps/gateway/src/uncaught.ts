/** A plugin that throws where nobody waits for it must not end everybody's logins (rule 58), nor a fault of the primary its workers. */
export const uncaught = ['uncaughtException', 'unhandledRejection'] as const;
