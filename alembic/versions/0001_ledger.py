"""The ledger: records, commands already answered, sealed values, subject keys, checkpoints; append-only by force.

The schema is PostgreSQL's own, so it is written in SQL. `ledger_append` is the only way in.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE ledger_events (
        position    bigint      NOT NULL PRIMARY KEY CHECK (position > 0),
        version     integer     NOT NULL CHECK (version > 0),
        recorded_at timestamptz NOT NULL,
        stream      text        NOT NULL COLLATE "C",
        type        text        NOT NULL COLLATE "C",
        scope       text        NOT NULL COLLATE "C",
        record      text        NOT NULL CHECK (octet_length(record) <= 65535),
        CONSTRAINT ledger_events_stream_version UNIQUE (stream, version)
    )
    """,
    """
    -- One row for each command that was answered: the fingerprint of the request, and the last position it saw or wrote.
    CREATE TABLE ledger_commands (
        key         uuid    NOT NULL PRIMARY KEY,
        fingerprint uuid    NOT NULL,
        position    bigint  NOT NULL,
        written     integer NOT NULL
    )
    """,
    """
    CREATE TABLE ledger_subject_keys (
        id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subject text  NOT NULL UNIQUE,
        wrapped bytea NOT NULL
    )
    """,
    """
    CREATE TABLE ledger_sealed (
        commitment bytea  NOT NULL PRIMARY KEY CHECK (octet_length(commitment) = 32),
        key_id     bigint NOT NULL,
        box        bytea  NOT NULL
    )
    """,
    """
    CREATE TABLE ledger_checkpoints (
        projection text   NOT NULL PRIMARY KEY,
        position   bigint NOT NULL,
        fault_at   bigint,
        fault      text,
        epoch      integer NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE SCHEMA read
    """,
)

# What an append is made of. `owner` is the ordinal of the append in its batch, `through` the number of the batch's events
# up to and with it.
ROWS = (
    """
    CREATE TYPE ledger_prepared AS (
        stream text, version integer, type text, scope text, opening text, closing text
    )
    """,
    """
    CREATE TYPE ledger_expected AS (owner integer, stream text, version integer)
    """,
    """
    CREATE TYPE ledger_command AS (owner integer, key uuid, fingerprint uuid, through integer, written integer)
    """,
    """
    CREATE TYPE ledger_box AS (owner integer, commitment bytea, key_id bigint, content bytea)
    """,
)

APPEND = (
    """
    -- Append a batch of appends in order, or, if one of them may not land, write nothing and name all that may not: the
    -- caller sends the others again. Under one lock: position order is commit order.
    CREATE FUNCTION ledger_append(
        events ledger_prepared[], expected ledger_expected[], commands ledger_command[], boxes ledger_box[],
        erased_subject text[],
        OUT head bigint, OUT recorded text, OUT conflicts int[], OUT keyless int[],
        OUT replay_owner int[], OUT replay_same boolean[], OUT replay_position bigint[], OUT replay_written int[]
    ) LANGUAGE plpgsql VOLATILE
    -- The only way in: the service's role may call this, and may write none of the tables itself.
    SECURITY DEFINER SET search_path FROM CURRENT
    -- Plans made while the tables are small would scan them for ever, and planning anew costs more than the append.
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    SET plan_cache_mode = force_generic_plan
    AS $$
    DECLARE
        moment timestamptz;
        middle text;
    BEGIN
        PERFORM pg_advisory_xact_lock(7305808869229538661);
        -- Each statement below sees all that was committed before the lock was granted (READ COMMITTED).
        SELECT e.position, e.recorded_at INTO head, moment FROM ledger_events e ORDER BY e.position DESC LIMIT 1;
        head := coalesce(head, 0);
        SELECT array_agg(x.owner) INTO conflicts
        FROM unnest(expected) AS x
        WHERE x.version <> coalesce(
            (SELECT e.version FROM ledger_events e WHERE e.stream = x.stream ORDER BY e.version DESC LIMIT 1), 0);
        IF cardinality(commands) > 0 THEN
            SELECT array_agg(x.owner), array_agg(c.fingerprint = x.fingerprint), array_agg(c.position),
                   array_agg(c.written)
            INTO replay_owner, replay_same, replay_position, replay_written
            FROM unnest(commands) AS x
            JOIN ledger_commands c ON c.key = x.key;
        END IF;
        IF cardinality(boxes) > 0 THEN
            SELECT array_agg(x.owner) INTO keyless
            FROM unnest(boxes) AS x
            WHERE NOT EXISTS (SELECT FROM ledger_subject_keys k WHERE k.id = x.key_id);
        END IF;
        IF conflicts IS NOT NULL OR replay_owner IS NOT NULL OR keyless IS NOT NULL THEN
            RETURN;
        END IF;

        -- Never before the record that precedes it, whatever the clock does: what was known at an instant is a prefix.
        moment := greatest(clock_timestamp(), moment);
        recorded := to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
        middle := ',"recordedat":"' || recorded;
        INSERT INTO ledger_events (position, version, recorded_at, stream, type, scope, record)
        SELECT head + x.n, x.version, moment, x.stream, x.type, x.scope,
               x.opening || (head + x.n) || middle || x.closing
        FROM unnest(events) WITH ORDINALITY AS x(stream, version, type, scope, opening, closing, n);
        IF cardinality(commands) > 0 THEN
            INSERT INTO ledger_commands (key, fingerprint, position, written)
            SELECT x.key, x.fingerprint, head + x.through, x.written
            FROM unnest(commands) AS x;
        END IF;
        IF cardinality(boxes) > 0 THEN
            INSERT INTO ledger_sealed (commitment, key_id, box)
            SELECT x.commitment, x.key_id, x.content FROM unnest(boxes) AS x;
        END IF;
        IF cardinality(erased_subject) > 0 THEN
            -- With the key gone nothing can be opened any more; the boxes go too.
            WITH gone AS (DELETE FROM ledger_subject_keys k WHERE k.subject = ANY (erased_subject) RETURNING k.id)
            DELETE FROM ledger_sealed s USING gone WHERE s.key_id = gone.id;
        END IF;
    END $$
    """,
)

APPEND_ONLY = (
    """
    CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
            USING HINT = 'Correct a mistake by recording a further event with its reason.', ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER ledger_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_events
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
    """,
    """
    CREATE TRIGGER ledger_commands_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_commands
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
    """,
    """
    CREATE TRIGGER ledger_sealed_unchanging BEFORE UPDATE ON ledger_sealed
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
    """,
    """
    CREATE TRIGGER ledger_subject_keys_unchanging BEFORE UPDATE ON ledger_subject_keys
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()
    """,
    """
    -- ALWAYS: they hold under session_replication_role = replica too, which silences ordinary triggers.
    ALTER TABLE ledger_events ENABLE ALWAYS TRIGGER ledger_events_append_only
    """,
    """
    ALTER TABLE ledger_commands ENABLE ALWAYS TRIGGER ledger_commands_append_only
    """,
    """
    ALTER TABLE ledger_sealed ENABLE ALWAYS TRIGGER ledger_sealed_unchanging
    """,
    """
    ALTER TABLE ledger_subject_keys ENABLE ALWAYS TRIGGER ledger_subject_keys_unchanging
    """,
)

# The service's connections take this role. Roles belong to the cluster, so another database may have made it already.
RUNTIME_ROLE = (
    """
    DO $$ BEGIN
        CREATE ROLE scrutiny_runtime NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """,
    """
    DO $$ BEGIN
        EXECUTE format('GRANT scrutiny_runtime TO %I', current_user);
    END $$
    """,
    """
    GRANT SELECT ON ledger_events, ledger_commands, ledger_sealed TO scrutiny_runtime
    """,
    """
    GRANT SELECT, INSERT ON ledger_subject_keys TO scrutiny_runtime
    """,
    """
    REVOKE EXECUTE ON FUNCTION ledger_append FROM PUBLIC
    """,
    """
    GRANT EXECUTE ON FUNCTION ledger_append TO scrutiny_runtime
    """,
    """
    GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_checkpoints TO scrutiny_runtime
    """,
    """
    GRANT USAGE, CREATE ON SCHEMA read TO scrutiny_runtime
    """,
)


def upgrade() -> None:
    for statement in (*TABLES, *ROWS, *APPEND, *APPEND_ONLY, *RUNTIME_ROLE):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("a ledger is never taken back; restore a backup into another database instead")
