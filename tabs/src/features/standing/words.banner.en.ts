/** What is said over every page about how the organisation stands, in English. */
export const words = {
  restricted:
    "Your organisation is restricted: you can look, export and put right what is wrong, nothing else.",
  suspended: "Your organisation is suspended.",
  terminated: "The service for your organisation is terminated.",
  erasing: "The data of your organisation is being erased.",
  representative: "You can read why, appeal, take your data along and report incidents.",
  others:
    "Its Authorized Customer Representatives see why and can appeal; ask them.",
  open: "Read why",
} as const;

export type Word = keyof typeof words;
