/** One grant: who holds what, how far, until when, given by whom and why. */
import { Button } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { useQueueNames } from "./Access";
import { DIMENSIONS, type Dimension } from "./access";
import type { Grant, Scope } from "./calls";
import { useRoleTitle, useWords, wordOr } from "./words";

/** The name of one thing that a scope lists. */
export function useScopeNames(): (dimension: Dimension, id: string) => string {
  const say = useWords();
  const { named } = useLanguage();
  const queues = useQueueNames();
  return (dimension, id) => {
    if (dimension === "queues") return queues.name(id) ?? say("scope.queue_gone");
    if (dimension === "channels") return named(`channel.${id}`, id);
    return wordOr(say, `${dimension === "boards" ? "board" : "detail"}.${id}`, id);
  };
}

function Reach(props: { scope: Scope }) {
  const say = useWords();
  const name = useScopeNames();
  const narrowed = DIMENSIONS.filter((one) => props.scope[one] != null);
  if (narrowed.length === 0) return <>{say("grants.everything")}</>;
  const parts = narrowed.map((one) => {
    const ids = (props.scope[one] ?? []) as string[];
    const names = ids.length > 0 ? ids.map((id) => name(one, id)).join(", ") : say("scope.none");
    return `${say(`scope.${one}`)}: ${names}`;
  });
  return <>{parts.join("; ")}</>;
}

export function StateBadge(props: { grant: Grant }) {
  const { state } = props.grant;
  const say = useWords();
  return <span className={`badge access-${state}`}>{say(`state.${state}`)}</span>;
}

export function GrantCard(props: {
  grant: Grant;
  onChange?: () => void;
  onRemove: () => void;
  onSee?: () => void;
  /** More buttons, before the others. */
  children?: ReactNode;
}) {
  const { grant, onChange, onRemove, onSee, children } = props;
  const say = useWords();
  const roleTitle = useRoleTitle();
  const { dateTime } = useFormats();
  const { may } = useSession();
  const { holder } = grant;
  const until = grant.expires_at
    ? say("grants.until", { at: dateTime(grant.expires_at) })
    : say("grants.open_end");
  const given = { at: dateTime(grant.granted_at), who: grant.granted_by || say("grants.system") };
  const manages = may("access.manage");
  return (
    <li className="card access-card">
      <div className="access-card-head">
        <h3>{holder.name}</h3>
        {holder.kind === "group" && <span className="badge">{say("grants.group")}</span>}
        <StateBadge grant={grant} />
      </div>
      <p>
        <strong>{roleTitle(grant.role, grant.role_title)}</strong>, {until}
      </p>
      <p>
        {say("grants.reach")}: <Reach scope={grant.scope} />
      </p>
      <p className="quiet">
        {say("grants.given", given)}; {say("grants.review_at", { at: dateTime(grant.review_at) })}
      </p>
      {grant.reason && (
        <p className="quiet">
          {say("grants.reason")}: {grant.reason}
        </p>
      )}
      {!grant.may_change && grant.why_not && <p className="quiet">{grant.why_not}</p>}
      <div className="alert-actions">
        {children}
        {onSee && holder.kind === "person" && (
          <Button size="small" onClick={onSee} aria-label={`${say("grants.effective")}: ${holder.name}`}>
            {say("grants.effective")}
          </Button>
        )}
        {manages && grant.may_change && onChange && (
          <Button size="small" onClick={onChange} aria-label={`${say("grants.change")}: ${holder.name}`}>
            {say("grants.change")}
          </Button>
        )}
        {manages && grant.may_remove && (
          <Button
            size="small"
            appearance="subtle"
            onClick={onRemove}
            aria-label={`${say("grants.remove")}: ${holder.name}`}
          >
            {say("grants.remove")}
          </Button>
        )}
      </div>
    </li>
  );
}
