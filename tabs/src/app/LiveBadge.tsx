/** Whether figures follow what is stored: a dot and a word, announced politely. */
import { useLanguage } from "./messages";
import { useSession } from "./session";

export function LiveBadge() {
  const { t } = useLanguage();
  const { live } = useSession();
  return (
    <span className={`live live-${live}`} role="status">
      <span className="live-dot" aria-hidden="true" />
      {t(`live.${live}`)}
    </span>
  );
}
