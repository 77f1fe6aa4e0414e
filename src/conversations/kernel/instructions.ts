// Sentences that several orchestrations say to members.

export const ANSWER_THE_QUESTION =
  "Answer the question. Give your conclusion first, then your reasons. Where an attachment supports a reason, " +
  "quote its exact words in double quotation marks.";

export const RANK_THE_ANSWERS =
  "The answers above are given without names and in random order. Rank them from best to worst by how correct, " +
  "well supported and useful they are, and give the reason for your first choice in one or two sentences.";
