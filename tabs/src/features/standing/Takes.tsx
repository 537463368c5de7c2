/** Taking the organisation's data along, part by part. */
import { Button } from "@fluentui/react-components";
import { useAct } from "../../api/useAct";
import { useSession } from "../../app/session";
import { PARTS, standingCalls, type Part } from "./calls";
import { Refusal } from "./Refusal";
import { useWords } from "./words";

function keep(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export function Takes() {
  const say = useWords();
  const { api, me } = useSession();
  const { busy, problem, act } = useAct();
  const take = (part: Part) =>
    void act(async () => {
      keep(await standingCalls(api).take(part), `${part}-${me.organization.code}.jsonl`);
    });
  return (
    <section className="card stack">
      <h3>{say("export.title")}</h3>
      <p>{say("export.about")}</p>
      <div className="standing-takes">
        {PARTS.map((part) => (
          <Button key={part} disabled={busy} onClick={() => take(part)}>
            {say(`export.${part}`)}
          </Button>
        ))}
      </div>
      <Refusal problem={problem} />
    </section>
  );
}
