/** Says over every page that the organisation does not stand as usual, and what may be done. */
import { Button } from "@fluentui/react-components";
import { useAddress } from "../../app/address";
import { wordsOf } from "../../app/messages";
import { useSession } from "../../app/session";
import { words } from "./words.banner.en";
import "./StandingBanner.css";

const useWords = wordsOf(words, () =>
  import("./words.banner.de").then((german) => german.words),
);

export function StandingBanner() {
  const say = useWords();
  const { host, me, may } = useSession();
  const [search, go] = useAddress();
  const { standing } = me;
  if (standing === "active") return null;
  const sees = may("standing.view");
  const closed = standing === "suspended" || standing === "terminated";
  const next = sees ? "representative" : "others";
  const open = () => {
    const changed = new URLSearchParams(search);
    changed.set("view", "standing");
    go(changed);
  };
  return (
    <div className={`standing-banner standing-${standing}`} role="status">
      <p>
        <strong>{say(standing)}</strong> {closed && say(next)}
      </p>
      {sees && host.place.kind === "personal" && search.get("view") !== "standing" && (
        <Button size="small" onClick={open}>
          {say("open")}
        </Button>
      )}
    </div>
  );
}
