/** The reader: what they are here, and the browsers in which they are signed in. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { read } from "../../api/client";
import type { components } from "../../api/schema.gen";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useAddress } from "../../app/address";
import { useFormats, useLanguage, wordsOf } from "../../app/messages";
import { useSession } from "../../app/session";
import { Preferences } from "../communications/Preferences";
import { HeldData } from "../contact_data/HeldData";
import { ProblemMessage } from "../../components/Problem";
import { words } from "./words.en";

type BrowserSession = components["schemas"]["Session"];

const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));

function SessionCard(props: { session: BrowserSession; busy: boolean; onEnd: () => void }) {
  const { session, busy, onEnd } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const times = [
    say("opened", { at: dateTime(session.opened_at) }),
    say("seen", { at: dateTime(session.seen_at) }),
    say("ends", { at: dateTime(session.ends_at) }),
  ];
  return (
    <li className="card">
      <h4 className="card-title">
        {session.device} {session.current && <span className="badge">{say("current")}</span>}
      </h4>
      <p className="quiet">{times.join(", ")}</p>
      <Button
        size="small"
        disabled={busy}
        onClick={onEnd}
        aria-label={`${say("sign_out")}: ${session.device}`}
      >
        {say("sign_out")}
      </Button>
    </li>
  );
}

function Sessions() {
  const say = useWords();
  const { api } = useSession();
  const { http } = api;
  const [round, setRound] = useState(0);
  const [sure, setSure] = useState(false);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall(
    "sessions",
    (signal) => read(http.GET("/api/sessions", { signal })),
    round,
  );
  const end = async (change: () => Promise<unknown>, isCurrent: boolean) => {
    if (!(await act(change))) return;
    // Without a session there is nothing more to show here: the page asks to sign in.
    if (isCurrent) location.reload();
    else setRound((count) => count + 1);
  };
  const sessions = data?.sessions ?? [];
  const endOne = (session: BrowserSession) =>
    end(
      () => read(http.DELETE("/api/sessions/{id}", { params: { path: { id: session.id } } })),
      session.current,
    );
  const endAll = () =>
    end(
      () => read(http.DELETE("/api/sessions")),
      sessions.some(({ current }) => current),
    );
  return (
    <section className="stack" aria-label={say("sessions")}>
      <h3>{say("sessions")}</h3>
      <p className="quiet">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed && <ProblemMessage problem={failed} />}
      {data && sessions.length === 0 && <p>{say("none")}</p>}
      <ul className="cards">
        {sessions.map((session) => (
          <SessionCard
            key={session.id}
            session={session}
            busy={busy}
            onEnd={() => void endOne(session)}
          />
        ))}
      </ul>
      {sessions.length > 0 && (
        <div>
          <Button
            appearance={sure ? "primary" : "secondary"}
            disabled={busy}
            onClick={() => {
              if (sure) void endAll();
              setSure(!sure);
            }}
          >
            {say(sure ? "everywhere_sure" : "everywhere")}
          </Button>
        </div>
      )}
    </section>
  );
}

export function You() {
  const say = useWords();
  const { named } = useLanguage();
  const { me } = useSession();
  const [search, go] = useAddress();
  const open = (view: string) => {
    const changed = new URLSearchParams(search);
    changed.set("view", view);
    go(changed);
  };
  const roles = me.roles.map((role) => named(`role.${role}`, role));
  return (
    <div className="stack">
      <h2>{me.display_name}</h2>
      <p>
        {say("roles")}: {roles.join(", ")}
      </p>
      {me.blind && <p className="badge">{say("blind")}</p>}
      <div>
        <Button onClick={() => open("notice")}>{say("notice")}</Button>
      </div>
      <Preferences />
      <HeldData />
      <Sessions />
    </div>
  );
}
