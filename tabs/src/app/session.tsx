/** Who is here, where, and how current the figures are: shared by every view. */
import { createContext, useContext } from "react";
import type { Api } from "../api/client";
import type { LiveState } from "../api/live";
import type { Me } from "../api/types";
import type { Host } from "../teams/host";

export type Permission =
  | "dashboards.view"
  | "agents.view"
  | "agents.view_own"
  | "contacts.view"
  | "imports.create"
  | "imports.view"
  | "alerts.view"
  | "alerts.manage"
  | "views.share"
  | "incidents.report"
  | "incidents.handle"
  | "incidents.count"
  | "incidents.forward"
  | "access.view"
  | "access.manage"
  | "access.decide"
  | "setup.view"
  | "setup.manage"
  | "standing.view"
  | "disclosures.view";

export interface Session {
  api: Api;
  host: Host;
  me: Me;
  may: (permission: Permission) => boolean;
  /** Grows with every stored change heard of; views call again when it does. */
  revision: number;
  live: LiveState;
  /** Says a revision heard of by other means, such as an own import that ended. */
  changed: () => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("SessionContext is missing");
  return session;
}
