// What the demo asks, and whom.

export const DEMO_MEMBERS: readonly string[] = ["claude", "gemini", "deepseek"];

export const DEMO_QUESTION = "Should this journal use one writer thread with group commit, or sharded writers?";

/** For a file of the user's own without a question. */
export const DEMO_QUESTION_OWN_FILE = "What speaks for and against what this document proposes, and should it be done?";

/** One in which the simulated members decide and one of them dissents; another seed may as well end in a tie. */
export const DEMO_SEED = 20;
