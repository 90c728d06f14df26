-- Events. Rows that a query reads in bulk are narrow; what it reads seldom
-- stands in tables of its own. Times are microseconds since 1970 in UTC.

-- What the file says of itself: the version of its schema.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('schema', 0);

-- Words that repeat: kinds of id, events, touchpoints of conversions.
CREATE TABLE names (
    no   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The last number given to an event. Numbers rise and are never used twice.
CREATE TABLE sequences (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sequences (name, last) VALUES ('conversions', 0), ('exposures', 0);

-- One randomisation of an experiment, and the kind of its units.
CREATE TABLE runs (
    no         INTEGER PRIMARY KEY,
    experiment TEXT    NOT NULL,
    run        TEXT    NOT NULL,
    kind       INTEGER NOT NULL REFERENCES names (no),
    UNIQUE (experiment, run, kind)
) STRICT;

-- Everything in the natural key of an exposure but the unit. The times bound
-- those of the exposures that were ever recorded here.
CREATE TABLE placements (
    no          INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL REFERENCES runs (no),
    variant     TEXT    NOT NULL,
    touchpoint  TEXT    NOT NULL,
    phase       INTEGER NOT NULL,
    class       TEXT    NOT NULL,
    earliest_us INTEGER NOT NULL,
    latest_us   INTEGER NOT NULL,
    UNIQUE (run, variant, touchpoint, phase, class)
) STRICT;

-- The exposures by natural key: a run's units lie together, and so do the
-- exposures of a unit.
CREATE TABLE exposures (
    run       INTEGER NOT NULL REFERENCES runs (no),
    unit      TEXT    NOT NULL,
    placement INTEGER NOT NULL REFERENCES placements (no),
    first_us  INTEGER NOT NULL,
    seq       INTEGER NOT NULL, -- of its row in exposure_details
    PRIMARY KEY (run, unit, placement)
) STRICT, WITHOUT ROWID;

-- An exposure that gives way to an earlier one gets a new row and number, so
-- whoever reads on from a number sees the change.
CREATE TABLE exposure_details (
    seq        INTEGER PRIMARY KEY,
    recv_us    INTEGER NOT NULL,
    ids        TEXT    NOT NULL,
    attributes TEXT    NOT NULL
) STRICT;

-- Ids of exposures other than the unit itself, so that one can be erased.
CREATE TABLE exposure_ids (
    kind      INTEGER NOT NULL REFERENCES names (no),
    id        TEXT    NOT NULL,
    run       INTEGER NOT NULL,
    unit      TEXT    NOT NULL,
    placement INTEGER NOT NULL,
    PRIMARY KEY (kind, id, run, unit, placement)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversions (
    seq        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE, -- 16 bytes
    time_us    INTEGER NOT NULL,
    recv_us    INTEGER NOT NULL,
    event      INTEGER NOT NULL REFERENCES names (no),
    value      REAL    NOT NULL,
    touchpoint INTEGER NOT NULL REFERENCES names (no), -- the empty name where there is none
    ids        TEXT    NOT NULL,
    attributes TEXT    NOT NULL
) STRICT;

-- Conversions by each of their ids, with what most sums need.
CREATE TABLE conversion_ids (
    kind    INTEGER NOT NULL REFERENCES names (no),
    id      TEXT    NOT NULL,
    event   INTEGER NOT NULL REFERENCES names (no),
    time_us INTEGER NOT NULL,
    seq     INTEGER NOT NULL REFERENCES conversions (seq),
    value   REAL    NOT NULL,
    PRIMARY KEY (kind, id, event, time_us, seq)
) STRICT, WITHOUT ROWID;

-- Erased ids: the SHA-256 of kind, NUL and id. It bars events of the id dated
-- before the erasure.
CREATE TABLE tombstones (
    hash      BLOB    PRIMARY KEY,
    erased_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tombstones_by_time ON tombstones (erased_us);

-- For people.
CREATE VIEW exposure_list AS
SELECT r.experiment, r.run, k.name AS kind, e.unit, p.variant, p.touchpoint, p.phase, p.class,
    datetime(e.first_us / 1000000, 'unixepoch') AS first_utc, e.first_us, d.recv_us, d.ids, d.attributes
FROM exposures e
JOIN placements p ON p.no = e.placement
JOIN runs r ON r.no = e.run
JOIN names k ON k.no = r.kind
JOIN exposure_details d ON d.seq = e.seq;

CREATE VIEW conversion_list AS
SELECT c.seq, hex(c.id) AS id, datetime(c.time_us / 1000000, 'unixepoch') AS time_utc, c.time_us, c.recv_us,
    e.name AS event, c.value, t.name AS touchpoint, c.ids, c.attributes
FROM conversions c
JOIN names e ON e.no = c.event
JOIN names t ON t.no = c.touchpoint;
