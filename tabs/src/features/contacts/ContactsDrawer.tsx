/** From a figure to the contacts behind it: a drawer any view can open. */
import { Button } from "@fluentui/react-components";
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from "react";
import { ApiProblem, asProblem } from "../../api/problem";
import type { ContactQuery, ContactRow } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import { ContactTable } from "./ContactTable";

export interface Opened {
  query: ContactQuery;
  metric: string;
  /** Of what the figure is, besides the filters: a queue, an agent, an interval. */
  of?: string;
}

type Open = ((what: Opened) => void) | null;

const ContactsContext = createContext<Open>(null);

/** Opens the drawer; null where the reader may not see contacts. */
export function useContacts(): Open {
  return useContext(ContactsContext);
}

interface Pages {
  rows: ContactRow[];
  total: number;
  next: string | null;
}

/** Pages of contacts, one after the other; `more` asks for the next. */
function usePages(opened: Opened) {
  const { api } = useSession();
  const [pages, setPages] = useState<Pages | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const abort = useRef<AbortController | null>(null);
  const load = useCallback(
    (cursor: string | null) => {
      abort.current?.abort();
      const mine = new AbortController();
      abort.current = mine;
      setProblem(null);
      const query = { ...opened.query, metric: opened.metric, ...(cursor ? { cursor } : {}) };
      api.contacts(query, mine.signal).then(
        (page) => {
          if (mine.signal.aborted) return;
          setPages((was) => ({ ...page, rows: cursor && was ? [...was.rows, ...page.rows] : page.rows }));
        },
        (thrown: unknown) => {
          const failed = asProblem(thrown);
          if (failed instanceof ApiProblem && !mine.signal.aborted) setProblem(failed);
        },
      );
    },
    [api, opened],
  );
  useEffect(() => {
    load(null);
    return () => abort.current?.abort();
  }, [load]);
  return { pages, problem, more: load };
}

function Contacts(props: { opened: Opened; label: string }) {
  const { opened, label } = props;
  const { t } = useLanguage();
  const { count } = useFormats();
  const { pages, problem, more } = usePages(opened);
  const next = pages?.next ?? null;
  return (
    <>
      {problem && <ProblemMessage problem={problem} retry={() => more(next)} />}
      {!pages && !problem && <div className="skeleton skeleton-block" aria-busy="true" />}
      {pages && (
        <>
          <p role="status" className="quiet">
            {pages.total === 0
              ? t("contacts.none")
              : t("contacts.total", { shown: count(pages.rows.length), total: count(pages.total) })}
          </p>
          {pages.rows.length > 0 && <ContactTable rows={pages.rows} label={label} />}
          {next && <Button onClick={() => more(next)}>{t("contacts.more")}</Button>}
        </>
      )}
    </>
  );
}

export function ContactsProvider(props: { children: ReactNode }) {
  const { may } = useSession();
  const { t, named } = useLanguage();
  const [opened, setOpened] = useState<Opened | null>(null);
  const name = opened ? named(`metric.${opened.metric}`, opened.metric) : "";
  const title = t("contacts.title", { metric: name });
  return (
    <ContactsContext value={may("contacts.view") ? setOpened : null}>
      {props.children}
      <Modal
        kind="drawer"
        isOpen={opened !== null}
        onClose={() => setOpened(null)}
        title={title}
        note={opened?.of}
      >
        {opened && <Contacts opened={opened} label={title} />}
      </Modal>
    </ContactsContext>
  );
}
