/** Where somebody lands whose sign-in holds and who has no organisation: claiming the first one. */
import { Button } from "@fluentui/react-components";
import { useState, type FormEvent, type ReactNode } from "react";
import { useLanguage, wordsOf } from "../../app/messages";
import { read, type Api } from "../../api/client";
import { ApiProblem, asProblem } from "../../api/problem";
import { useCall } from "../../api/useCall";
import { TextField } from "../../components/fields";
import { problemText } from "../../components/Problem";
import { signInAddress } from "../../teams/browser";
import { words } from "./words.en";

const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));
const SAID: Record<number, keyof typeof words> = { 404: "wrong", 409: "taken", 422: "wrong" };

/** The form; `otherwise` for whom it is not: guests, and sign-ins that do not hold. */
export function Claim(props: { api: Api; otherwise: ReactNode; onClaimed: () => void }) {
  const { api, otherwise, onClaimed } = props;
  const t = useWords();
  const { data, problem } = useCall("claim", (signal) =>
    read(api.http.GET("/api/access/claim", { signal })),
  );
  if (problem || data?.may_claim === false) return <>{otherwise}</>;
  if (!data) return <div className="skeleton skeleton-block" aria-busy="true" />;
  return (
    <div className="panel">
      <h1>{t("title")}</h1>
      <p>{data.display_name ? t("who", { name: data.display_name }) : t("who.unnamed")}</p>
      <h2>{t("consent.title")}</h2>
      <p>{t("consent.body")}</p>
      {data.consent && (
        <p>
          <a className="link" href={data.consent} target="_blank" rel="noopener noreferrer">
            {t("consent.link")}
          </a>
        </p>
      )}
      <h2>{t("code.title")}</h2>
      <p>{t("code.body")}</p>
      <CodeForm api={api} onClaimed={onClaimed} />
      {window.parent === window && (
        <p>
          <a className="link" href={signInAddress()}>
            {t("other")}
          </a>
        </p>
      )}
    </div>
  );
}

function CodeForm({ api, onClaimed }: { api: Api; onClaimed: () => void }) {
  const t = useWords();
  const { t: common } = useLanguage();
  const [organization, setOrganization] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const known = problem && SAID[problem.status];

  async function claim(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const body = { organization: organization.trim(), code: code.trim() };
    try {
      await read(api.http.POST("/api/access/claim", { body }));
      onClaimed();
    } catch (thrown) {
      const failed = asProblem(thrown);
      if (!(failed instanceof ApiProblem)) throw failed;
      setProblem(failed);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void claim(event)}>
      <TextField
        label={t("organization")}
        hint={t("organization.hint")}
        value={organization}
        onChange={setOrganization}
        maxLength={40}
        autoComplete="off"
        required
      />
      <TextField
        label={t("code")}
        hint={t("code.hint")}
        value={code}
        onChange={setCode}
        maxLength={64}
        autoComplete="off"
        required
      />
      {problem && <p role="alert">{known ? t(known) : problemText(common, problem)}</p>}
      <Button appearance="primary" type="submit" disabled={busy}>
        {t("claim")}
      </Button>
    </form>
  );
}
