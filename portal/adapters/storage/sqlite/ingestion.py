"""Storing a batch of records and counting them, inside one transaction.

A record replaces the stored one of the same id when its version is higher; the stored legs are
taken from the pages and the new ones added. Of two records with the same version but other content
the greater by content stays, so that the order of arrival does not matter.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import msgspec
import numpy as np

from portal.adapters.storage.shared import records as shared
from portal.adapters.storage.shared.writing import check
from portal.adapters.storage.sqlite import paging
from portal.adapters.storage.sqlite.documents import apply as apply_writes
from portal.adapters.storage.sqlite.runs import Indexes, hashed_keys, record_keys
from portal.domain.contacts import pages
from portal.domain.contacts.model import Agent, Customer, Queue, SourceRecord
from portal.domain.contacts.pages import Fact, Ints
from portal.domain.contacts.ports import Batch, Tally, Tenant

DIRECT = Queue("", "")  # stands for "no queue" of its source, so that every cell has a source
FIND_ORGANIZATION = "SELECT number, subjects FROM organizations WHERE pk = ?"
ADD_ORGANIZATION = "INSERT INTO organizations (pk, time_zone) VALUES (?, ?)"
FIND_SOURCE = "SELECT number FROM sources WHERE name = ?"
ADD_SOURCE = "INSERT INTO sources (name) VALUES (?)"
FIND_QUEUE = "SELECT number, name FROM queues WHERE organization = ? AND source = ? AND key = ?"
ADD_QUEUE = """INSERT INTO queues (organization, number, source, key, name)
    VALUES (?1, (SELECT COALESCE(MAX(number), 0) + 1 FROM queues WHERE organization = ?1),
    ?2, ?3, ?4) RETURNING number"""
RENAME_QUEUE = "UPDATE queues SET name = ? WHERE organization = ? AND number = ?"
FIND_AGENT = """SELECT number, wrapped, sealed FROM agents
    WHERE organization = ? AND source = ? AND ref = ?"""
NEXT_AGENT = "SELECT COALESCE(MAX(number), 0) + 1 FROM agents WHERE organization = ?"
ADD_AGENT = "INSERT INTO agents VALUES (?, ?, ?, ?, ?, ?)"
RENAME_AGENT = "UPDATE agents SET sealed = ? WHERE organization = ? AND number = ?"
FIND_SUBJECTS = """SELECT ref, number, wrapped FROM json_each(?)
    CROSS JOIN subjects ON subjects.id = value WHERE organization = ?"""
LAST_SUBJECT = "SELECT COALESCE(MAX(id), 0) FROM subjects"
ADD_SUBJECT = "INSERT INTO subjects VALUES (?, ?, ?, ?, ?)"
FIND_RECORDS = """SELECT record, version, contacts.id, leg, sealed, started, arrived, ended, queue,
    agent, channel, direction, outcome, wait, talk, hold, after_contact_work, transferred, customer
    FROM json_each(?) CROSS JOIN contacts ON contacts.id = value
    WHERE organization = ? AND source = ? ORDER BY record, leg"""
LAST_CONTACT = "SELECT COALESCE(MAX(id), 0) FROM contacts"
DELETE_CONTACT = "DELETE FROM contacts WHERE id = ?"
ADD_CONTACT = """INSERT INTO contacts (id, organization, source, record, leg, version, started,
    arrived, ended, queue, agent, channel, direction, outcome, wait, talk, hold,
    after_contact_work, transferred, customer, sealed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
ROWS_A_STATEMENT = 20
REVISE = "UPDATE organizations SET revision = revision + 1 WHERE pk = ?"
ADVANCE = """UPDATE organizations SET revision = revision + 1, as_of = MAX(as_of, ?),
    imported_at = MAX(imported_at, ?), subjects = ? WHERE number = ?"""


class _Leg(NamedTuple):
    """A stored leg: its row, its sealed bytes and its facts."""

    id: int
    record: str
    leg: int
    sealed: bytes | None
    started: int
    facts: tuple[int, ...]


class _Stored(NamedTuple):
    """A stored record."""

    version: int
    legs: tuple[_Leg, ...]


def sealing_context(source: int, record: str, leg: int) -> str:
    """What a contact's sealed bytes are bound to besides the organisation."""
    return f"contact|{source}|{record}|{leg}"


def open_contact(
    tenant: Tenant, key: bytes, source: int, record: str, leg: int, sealed: bytes
) -> Customer:
    """Whom the contact was with."""
    context = sealing_context(source, record, leg)
    return shared.customer_of(tenant.keyring.open(key, context, sealed))


def open_agent(tenant: Tenant, key: bytes, number: int, sealed: bytes) -> Agent:
    """The agent as their source names them."""
    return shared.agent_of(tenant.keyring.open(key, f"agent|{number}", sealed))


def agent_ref(tenant: Tenant, key: str) -> bytes:
    """What an agent is found by: a blind index of their source's key."""
    return tenant.keyring.blind("agent", key)


class Ingested(NamedTuple):
    """The tally, and the agents' numbers, which hold once the transaction is committed."""

    tally: Tally
    agents: Mapping[Agent, int]


def ingest(
    connection: sqlite3.Connection,
    indexes: Indexes,
    tenant: Tenant,
    batch: Batch,
    now_ms: int,
    known: Mapping[Agent, int],
) -> Ingested:
    """Stores and counts the batch; the caller owns the transaction. `known` are numbers of this
    organisation's and source's agents from earlier batches."""
    done = Ingested(Tally(0, 0, 0, 0, ()), known)
    if batch.records:
        ingestion = _Ingestion(connection, indexes, tenant, batch.source, known)
        done = Ingested(ingestion.run(batch.records, now_ms), ingestion.agents)
    writes = batch.writes(done.tally)
    check(writes)
    apply_writes(connection, tenant.partition, writes, now_ms)
    if writes:
        connection.execute(REVISE, (tenant.partition,))
    return done


class _Ingestion:
    """One batch on its way; short-lived, so that its caches are never stale."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        indexes: Indexes,
        tenant: Tenant,
        source: str,
        known: Mapping[Agent, int],
    ) -> None:
        self._connection = connection
        self._indexes = indexes
        self._tenant = tenant
        self._organization, self._subjects = self._numbered_organization()
        self._source = self._numbered_source(source)
        self._own_key = tenant.keyring.own_key
        self._queue = lru_cache(None)(self._numbered_queue)
        self.agents: dict[Agent, int] = dict(known)
        self._customers: dict[Customer, tuple[int, bytes]] = {}
        self._keys: dict[str, int] = {}

    def run(self, records: Sequence[SourceRecord], now_ms: int) -> Tally:
        """Decides, writes, counts."""
        stored = self._stored(records)
        chosen, tally = self._decide(records, stored)
        if not chosen and not tally.corrected:
            return tally
        gone = [leg for old in _replaced(stored, chosen) for leg in old.legs]
        rows, facts = self._rows(chosen, gone)
        self._replace(gone, rows)
        matrix = _matrix([*facts, *(leg.facts for leg in gone)])
        signs = np.ones(len(matrix), np.int64)
        signs[len(facts) :] = -1
        if len(matrix):
            changes = pages.deltas(matrix, signs)
            paging.change(self._connection, self._organization, self._tenant.time_zone, changes)
        instants = matrix[: len(facts), (Fact.ARRIVED, Fact.ENDED)]
        newest = int(instants.max(initial=0))
        self._connection.execute(ADVANCE, (newest, now_ms, self._subjects, self._organization))
        return tally

    def _replace(self, gone: Sequence[_Leg], rows: Sequence[tuple[Any, ...]]) -> None:
        """Deletes legs and adds contacts, with their entries in the index of records."""
        connection, index, keys = self._connection, self._indexes.records, self._keys
        before, after = {leg.id for leg in gone}, {row[0] for row in rows} if gone else ()
        lost = [leg for leg in gone if leg.id not in after]
        new = [row for row in rows if row[0] not in before] if gone else rows
        connection.executemany(DELETE_CONTACT, ((leg.id,) for leg in gone))
        index.remove(connection, _ints(keys[x.record] for x in lost), _ints(x.id for x in lost))
        _insert(connection, ADD_CONTACT, rows)
        index.add(connection, _ints(keys[row[3]] for row in new), _ints(row[0] for row in new))

    # --- deciding -----------------------------------------------------------------------

    def _stored(self, arriving: Sequence[SourceRecord]) -> dict[str, _Stored]:
        ids = [record.record_id for record in arriving]
        keys = record_keys(self._organization, self._source, ids)
        self._keys = dict(zip(ids, keys.tolist(), strict=True))
        rows = self._indexes.records.find(self._connection, keys).ids
        if len(rows) == 0:
            return {}
        found: dict[str, tuple[int, list[_Leg]]] = {}
        for record_id, version, id, leg, sealed, started, *facts in self._connection.execute(
            FIND_RECORDS, (_listed(rows), self._organization, self._source)
        ):
            if record_id in self._keys:
                legs = found.setdefault(record_id, (version, []))[1]
                legs.append(_Leg(id, record_id, leg, sealed, started, tuple(facts)))
        return {record: _Stored(version, tuple(legs)) for record, (version, legs) in found.items()}

    def _decide(
        self, records: Sequence[SourceRecord], stored: dict[str, _Stored]
    ) -> shared.Decided:
        """The records to write, in order, each id at most once."""
        if not stored and len(self._keys) == len(records):
            return shared.Decided(list(records), Tally(len(records), 0, 0, 0, ()))
        return shared.decide(records, stored, self._compare)

    def _compare(self, record: SourceRecord, present: SourceRecord | _Stored) -> int:
        """-1, 0 or 1 as the record's content is below, equal to or above the present one's."""
        mine = shared.content(record.contacts)
        if isinstance(present, SourceRecord):
            theirs = shared.content(present.contacts)
        else:
            legs = [self._stored_leg(record.record_id, leg) for leg in present.legs]
            theirs = shared.stored_content(legs)
        return (mine > theirs) - (mine < theirs)

    def _stored_leg(self, record: str, leg: _Leg) -> shared.StoredLeg:
        facts = leg.facts
        queue = self._connection.execute(
            "SELECT key FROM queues WHERE organization = ? AND number = ?",
            (self._organization, facts[Fact.QUEUE]),
        ).fetchone()
        agent = self._connection.execute(
            "SELECT wrapped, sealed FROM agents WHERE organization = ? AND number = ?",
            (self._organization, facts[Fact.AGENT]),
        ).fetchone()
        opened = agent_key = None
        if leg.sealed is not None:
            key = self._subject_key(facts[Fact.CUSTOMER])
            context = sealing_context(self._source, record, leg.leg)
            opened = self._tenant.keyring.open(key, context, leg.sealed)
        if agent:
            key = self._tenant.keyring.unwrap(agent[0])
            agent_key = open_agent(self._tenant, key, facts[Fact.AGENT], agent[1]).key
        queue_key = queue[0] if queue else None
        return shared.StoredLeg(leg.leg, (leg.started, *facts), queue_key, agent_key, opened)

    def _subject_key(self, number: int) -> bytes:
        if number == 0:
            return self._tenant.keyring.own_key
        (wrapped,) = self._connection.execute(
            "SELECT wrapped FROM subjects WHERE organization = ? AND number = ?",
            (self._organization, number),
        ).fetchone()
        return self._tenant.keyring.unwrap(wrapped)

    # --- writing ------------------------------------------------------------------------

    def _rows(
        self, chosen: Sequence[SourceRecord], gone: Sequence[_Leg]
    ) -> tuple[list[tuple[Any, ...]], list[tuple[int, ...]]]:
        """The rows of the records' contacts, and the facts in them."""
        self._load_customers(chosen)
        queue_of, agent_of, customer_of = self._queue, self._agent, self._customers.get
        agents, nobody, source = self.agents, (0, self._own_key), self._source
        heads: list[tuple[str, int, int, int]] = []
        facts: list[tuple[int, ...]] = []
        plain: list[tuple[bytes, str, bytes]] = []
        bare: list[int] = []
        for _, record, version, contacts in chosen:
            for contact in contacts:
                leg, _, _, _, started, _, _, queue, agent, *_, customer, _ = contact
                number, key = nobody if customer is None else customer_of(customer, nobody)
                content = shared.plain(contact)
                if content is None:
                    bare.append(len(heads))
                plain.append((key, sealing_context(source, record, leg), content or b""))
                agent_number = 0 if agent is None else agents.get(agent) or agent_of(agent)
                facts.append(pages.facts(contact, queue_of(queue or DIRECT), agent_number, number))
                heads.append((record, leg, version, started))
        sealed: list[bytes | None] = [*self._tenant.keyring.seal_all(plain)]
        for place in bare:
            sealed[place] = None
        owner = (self._organization, source)
        return [
            (id, *owner, *head, *numbers, one)
            for id, head, numbers, one in zip(
                self._ids(heads, gone), heads, facts, sealed, strict=True
            )
        ], facts

    def _ids(
        self, heads: Sequence[tuple[str, int, int, int]], gone: Sequence[_Leg]
    ) -> Sequence[int]:
        """An id for each contact: those of its record's stored legs, as far as there are, so that
        a correction leaves the index as it is; else the next ones."""
        (last,) = self._connection.execute(LAST_CONTACT).fetchone()
        fresh = range(last + 1, last + 1 + len(heads))
        if not gone:
            return fresh
        kept: dict[str, list[int]] = {}
        for leg in reversed(gone):
            kept.setdefault(leg.record, []).append(leg.id)
        following = iter(fresh)
        return [ids.pop() if (ids := kept.get(head[0])) else next(following) for head in heads]

    def _load_customers(self, chosen: Iterable[SourceRecord]) -> None:
        """The numbers and keys of the records' customers, those of new ones made."""
        keyring = self._tenant.keyring
        refs: dict[Customer, bytes] = {}
        met = dict.fromkeys(contact.customer for record in chosen for contact in record.contacts)
        named: dict[str, dict[Customer, str]] = {}
        for customer in met:
            if customer is not None and (identified := shared.identity(customer)):
                kind, value = identified
                named.setdefault(kind, {})[customer] = value
        for kind, values in named.items():
            refs.update(zip(values, keyring.blind_all(kind, [*values.values()]), strict=True))
        wanted = dict.fromkeys(refs.values())
        rows = self._indexes.subjects.find(self._connection, hashed_keys([*wanted])).ids
        found = [
            row
            for row in self._connection.execute(FIND_SUBJECTS, (_listed(rows), self._organization))
            if row[0] in wanted
        ]
        keys = keyring.unwrap_all([wrapped for _, _, wrapped in found])
        known = {ref: (number, key) for (ref, number, _), key in zip(found, keys, strict=True)}
        fresh = [ref for ref in wanted if ref not in known]
        self._add_subjects(fresh, known)
        self._customers = {customer: known[ref] for customer, ref in refs.items()}

    def _add_subjects(self, fresh: Sequence[bytes], known: dict[bytes, tuple[int, bytes]]) -> None:
        (id,) = self._connection.execute(LAST_SUBJECT).fetchone()
        number, organization, rows = self._subjects, self._organization, []
        ids = range(id + 1, id + 1 + len(fresh))
        made = self._tenant.keyring.new_keys(len(fresh))
        for id, ref, (key, wrapped) in zip(ids, fresh, made, strict=True):
            number += 1
            known[ref] = number, key
            rows.append((id, organization, number, ref, wrapped))
        _insert(self._connection, ADD_SUBJECT, rows)
        self._indexes.subjects.add(self._connection, hashed_keys(fresh), _ints(ids))
        self._subjects = number

    # --- numbers ------------------------------------------------------------------------

    def _numbered_organization(self) -> tuple[int, int]:
        execute, partition = self._connection.execute, self._tenant.partition
        row = execute(FIND_ORGANIZATION, (partition,)).fetchone()
        if row is None:
            execute(ADD_ORGANIZATION, (partition, self._tenant.time_zone))
            row = execute(FIND_ORGANIZATION, (partition,)).fetchone()
        return int(row[0]), int(row[1])

    def _numbered_source(self, name: str) -> int:
        row = self._connection.execute(FIND_SOURCE, (name,)).fetchone()
        if row is None:
            self._connection.execute(ADD_SOURCE, (name,))
            row = self._connection.execute(FIND_SOURCE, (name,)).fetchone()
        return int(row[0])

    def _numbered_queue(self, queue: tuple[str, str]) -> int:
        key, name = queue
        execute, owner = self._connection.execute, (self._organization, self._source)
        row = execute(FIND_QUEUE, (*owner, key)).fetchone()
        if row is None:
            row = execute(ADD_QUEUE, (*owner, key, name)).fetchone()
        elif row[1] != name and name != key:
            execute(RENAME_QUEUE, (name, self._organization, row[0]))
        return int(row[0])

    def _agent(self, agent: Agent) -> int:
        number = self.agents.get(agent)
        if number is None:
            number = self.agents[agent] = self._numbered_agent(agent)
        return number

    def _numbered_agent(self, agent: Agent) -> int:
        keyring, execute = self._tenant.keyring, self._connection.execute
        ref = agent_ref(self._tenant, agent.key)
        row = execute(FIND_AGENT, (self._organization, self._source, ref)).fetchone()
        if row is not None:
            number, wrapped, sealed = row
            key = keyring.unwrap(wrapped)
            if agent.name not in (open_agent(self._tenant, key, number, sealed).name, agent.key):
                sealed = keyring.seal(key, f"agent|{number}", shared.agent_plain(agent))
                execute(RENAME_AGENT, (sealed, self._organization, number))
            return int(number)
        (number,) = execute(NEXT_AGENT, (self._organization,)).fetchone()
        key, wrapped = keyring.new_key()
        sealed = keyring.seal(key, f"agent|{number}", shared.agent_plain(agent))
        execute(ADD_AGENT, (self._organization, number, self._source, ref, wrapped, sealed))
        return int(number)


def _replaced(stored: dict[str, _Stored], chosen: Iterable[SourceRecord]) -> Iterable[_Stored]:
    """The stored records that the chosen ones replace."""
    return (stored[r.record_id] for r in chosen if r.record_id in stored)


def _matrix(facts: Sequence[tuple[int, ...]]) -> Ints:
    return np.fromiter(chain.from_iterable(facts), np.int64, len(facts) * len(Fact)).reshape(
        len(facts), len(Fact)
    )


def _insert(
    connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Inserts the rows, many with each run of the statement, which begins and ends at a cost."""
    values = statement.rpartition("VALUES ")[2]
    many = statement + f", {values}" * (ROWS_A_STATEMENT - 1)
    whole = len(rows) - len(rows) % ROWS_A_STATEMENT
    connection.executemany(
        many,
        (
            tuple(chain.from_iterable(rows[first : first + ROWS_A_STATEMENT]))
            for first in range(0, whole, ROWS_A_STATEMENT)
        ),
    )
    connection.executemany(statement, rows[whole:])


def _ints(numbers: Iterable[int]) -> Ints:
    return np.fromiter(numbers, np.int64)


def _listed(ids: Ints) -> str:
    """Row ids as a JSON array, in the order in which they are looked up quickest."""
    return msgspec.json.encode(np.sort(ids).tolist()).decode()
