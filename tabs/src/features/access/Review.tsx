/** The access review: what is to be confirmed again, and the whole matrix to take away. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { save } from "../../api/files";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check } from "../../components/fields";
import { ProblemMessage } from "../../components/Problem";
import type { Reading } from "./Access";
import type { Grant } from "./calls";
import { GrantCard } from "./GrantCard";
import { useWords } from "./words";

export function ReviewSection(props: Reading) {
  const { calls, round, again } = props;
  const say = useWords();
  const { count } = useFormats();
  const { me, may } = useSession();
  const [chosen, setChosen] = useState<string[]>([]);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall("access review", calls.review, round);
  const due = data?.due ?? [];
  const mine = due.filter((one) => one.may_confirm && may("access.manage"));
  const confirm = async (grants: Grant[]) => {
    const told = grants.map(({ id, version }) => ({ grant: id, version }));
    if (await act(() => calls.confirm(told))) setChosen([]);
    again();
  };
  const remove = async (grant: Grant) => {
    await act(() => calls.removeGrant(grant.id, grant.version));
    again();
  };
  const toggle = (id: string) =>
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const download = (format: "csv" | "json") =>
    void act(async () => save(await calls.matrix(format), `access-${me.organization.code}.${format}`));
  const picked = mine.filter(({ id }) => chosen.includes(id));
  return (
    <section className="stack" aria-label={say("section.review")}>
      {data && <p className="quiet">{say("review.about", { days: data.days, grace: data.grace_days })}</p>}
      <div className="access-bar" role="group" aria-label={say("review.export")}>
        <Button disabled={busy} onClick={() => download("csv")}>
          {say("review.export_csv")}
        </Button>
        <Button disabled={busy} onClick={() => download("json")}>
          {say("review.export_json")}
        </Button>
        {picked.length > 0 && (
          <Button appearance="primary" disabled={busy} onClick={() => void confirm(picked)}>
            {say("review.confirm_all", { count: count(picked.length) })}
          </Button>
        )}
      </div>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed && <ProblemMessage problem={failed} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && due.length === 0 && (
        <div className="empty">
          <p>{say("review.none")}</p>
        </div>
      )}
      <ul className="cards">
        {due.map((grant) => (
          <GrantCard key={grant.id} grant={grant} onRemove={() => void remove(grant)}>
            {mine.includes(grant) && (
              <>
                <Check checked={chosen.includes(grant.id)} onChange={() => toggle(grant.id)}>
                  {say("review.choose", { name: grant.holder.name })}
                </Check>
                <Button size="small" disabled={busy} onClick={() => void confirm([grant])}>
                  {say("review.confirm")}
                </Button>
              </>
            )}
          </GrantCard>
        ))}
      </ul>
    </section>
  );
}
