/** Fluent's tokens for the host's theme; follows the host when it changes. */
import {
  FluentProvider,
  teamsDarkTheme,
  teamsHighContrastTheme,
  teamsLightTheme,
} from "@fluentui/react-components";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import type { Host, Theme } from "../teams/host";

const THEMES = {
  default: teamsLightTheme,
  dark: teamsDarkTheme,
  contrast: teamsHighContrastTheme,
};

const ThemeContext = createContext<Theme>("default");

/** The theme in use, for what cannot read CSS variables (canvas). */
export function useTheme(): Theme {
  return useContext(ThemeContext);
}

function preferred(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "default";
}

export function Themed(props: { host: Host | null; children: ReactNode }) {
  const { host, children } = props;
  const [heard, setHeard] = useState<Theme | null>(null);
  useEffect(() => host?.onTheme(setHeard), [host]);
  const theme = heard ?? host?.theme ?? preferred();
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return (
    <ThemeContext value={theme}>
      {/* A class on the provider itself would be copied to every tooltip's layer. */}
      <FluentProvider theme={THEMES[theme]}>
        <div className="root">{children}</div>
      </FluentProvider>
    </ThemeContext>
  );
}
