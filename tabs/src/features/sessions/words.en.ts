/** English words of where one is signed in. */
export const words = {
  title: "You",
  roles: "What you are here",
  notice: "How your organisation handles your data and calls",
  blind: "You see figures without identities; small numbers are left out.",
  sessions: "Browsers in which you are signed in",
  about:
    "Teams signs you in by itself and is not listed. A browser is signed out after 30 minutes without use, and after 12 hours in any case.",
  none: "No browser is signed in for you.",
  current: "This browser",
  opened: "Signed in {at}",
  seen: "last used {at}",
  ends: "ends {at} at the latest",
  sign_out: "Sign out",
  everywhere: "Sign out everywhere",
  everywhere_sure: "Really sign out everywhere",
} as const;

export type Word = keyof typeof words;
