/** The saved view that the address names; null without one, or when it is gone. */
import { useCall } from "../../api/useCall";
import { useAddress } from "../../app/address";
import { useSession } from "../../app/session";
import { PARAMETER, type View } from "./view";

export function useView(): View | null {
  const [search] = useAddress();
  const { api, revision } = useSession();
  const id = search.get(PARAMETER);
  const { data } = useCall(id ? "views" : null, api.views, revision);
  return (id && data?.views.find((one) => one.id === id)) || null;
}
