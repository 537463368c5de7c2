/** English words of what the reader is written. */
export const words = {
  title: "Messages to you",
  about:
    "By which ways you are written to. Your choice counts at the moment of sending. No message asks for a code; share codes with nobody.",
  essential: "Essential",
  "essential.about":
    "Codes and links you asked for, security notices, changes of policies. They always come.",
  optional: "Optional",
  "optional.about": "Reminders, such as the yearly look at the organisation's particulars.",
  "way.teams": "Teams",
  "way.mail": "Mail",
  "way.sms": "SMS",
  saved: "Saved.",
  conflict: "You changed this elsewhere meanwhile. It is shown as it is now.",
} as const;

export type Word = keyof typeof words;
