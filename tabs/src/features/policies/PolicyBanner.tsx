/** Says over every view that a policy waits for the reader, and what that means. */
import { Button } from "@fluentui/react-components";
import { useMemo } from "react";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { nextChange, policyCalls } from "./calls";
import { useWords } from "./words";
import "./policies.css";

export function PolicyBanner(props: { onRead: () => void }) {
  const say = useWords();
  const { day } = useFormats();
  const { api } = useSession();
  const calls = useMemo(() => policyCalls(api), [api]);
  const { data } = useCall("policies", calls.all);
  if (!data) return null;
  const coming = nextChange(data);
  if (!data.read_only && !coming) return null;
  return (
    <div className="policy-banner" role="status">
      <p>{data.read_only ? say("banner.read_only") : say("banner.coming", { at: day(coming ?? "") })}</p>
      <Button size="small" onClick={props.onRead}>
        {say("banner.read")}
      </Button>
    </div>
  );
}
