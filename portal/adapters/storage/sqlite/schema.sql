-- Everything small: documents of every kind, one partition an organisation.
CREATE TABLE documents (
    pk TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    etag TEXT NOT NULL,
    expires_at INTEGER,
    seq INTEGER NOT NULL,
    PRIMARY KEY (pk, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_feed ON documents (pk, seq);
CREATE TABLE feed (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL) STRICT;
INSERT INTO feed VALUES (1, 0);

-- One row an organisation: its numbers and how far it has come.
CREATE TABLE organizations (
    number INTEGER PRIMARY KEY,
    pk TEXT NOT NULL UNIQUE,
    time_zone TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    as_of INTEGER NOT NULL DEFAULT 0,
    imported_at INTEGER NOT NULL DEFAULT 0,
    subjects INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE queues (
    organization INTEGER NOT NULL,
    number INTEGER NOT NULL,
    source INTEGER NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (organization, number),
    UNIQUE (organization, source, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE agents (
    organization INTEGER NOT NULL,
    number INTEGER NOT NULL,
    source INTEGER NOT NULL,
    ref BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organization, number),
    UNIQUE (organization, source, ref)
) STRICT, WITHOUT ROWID;

-- Customers: a blind index and a wrapped key. Deleting the row is what erasure does first.
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL,
    number INTEGER NOT NULL,
    ref BLOB NOT NULL,
    wrapped BLOB NOT NULL
) STRICT;
CREATE INDEX subjects_number ON subjects (organization, number);

-- Contacts in the order they came. Durations and instants are milliseconds, -1 is "not given".
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    organization INTEGER NOT NULL,
    source INTEGER NOT NULL,
    record TEXT NOT NULL,
    leg INTEGER NOT NULL,
    version INTEGER NOT NULL,
    started INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    queue INTEGER NOT NULL,
    agent INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    wait INTEGER NOT NULL,
    talk INTEGER NOT NULL,
    hold INTEGER NOT NULL,
    after_contact_work INTEGER NOT NULL,
    transferred INTEGER NOT NULL,
    customer INTEGER NOT NULL,
    sealed BLOB
) STRICT;
CREATE INDEX contacts_arrived ON contacts (organization, arrived);
CREATE INDEX contacts_ended ON contacts (organization, ended);

-- Contacts by a hash of their record, customers by part of their blind index: an entry for each row,
-- in one of some sorted runs (runs.py), whose numbers are never used again.
CREATE TABLE records_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    length INTEGER NOT NULL,
    entries BLOB NOT NULL
) STRICT;
CREATE TABLE subjects_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    length INTEGER NOT NULL,
    entries BLOB NOT NULL
) STRICT;

-- Interval pages in three parts. id = organization << 40 | grain << 32 | slot or day.
CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    stamp TEXT NOT NULL,
    glance BLOB NOT NULL,
    queues BLOB NOT NULL
) STRICT;
CREATE TABLE page_agents (id INTEGER PRIMARY KEY, agents BLOB NOT NULL) STRICT;
CREATE TABLE page_values (id INTEGER PRIMARY KEY, "values" BLOB NOT NULL) STRICT;
CREATE TABLE unsettled_days (
    organization INTEGER NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (organization, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE agent_days (
    organization INTEGER NOT NULL,
    agent INTEGER NOT NULL,
    day INTEGER NOT NULL,
    cells BLOB NOT NULL,
    PRIMARY KEY (organization, agent, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), region TEXT NOT NULL) STRICT;
