using System.Collections.Immutable;

namespace KisFeed.Coordination.Postgres;

/// <summary>
/// The statements that create and change the schema of a cluster. All changes of rows are functions with the rights of the schema's owner,
/// one transaction each, so that the programs of the cluster need no right to change a table.
/// </summary>
/// <param name="schema">The name of the schema.</param>
internal sealed class ClusterSql(string schema)
{
    private const string Retirement = "interval '7 days'";

    private const string IsWanted =
        "EXISTS (SELECT FROM {0}.demand d WHERE d.environment = p.environment AND d.tr_id = p.tr_id AND d.key = p.key)";

    // Whether an ingest with another app key may take a key, if it is wanted. Not by a join with the leases, which would read
    // the keys of all of them each time.
    private const string IsOpen = "(p.holder IS NULL AND (p.state <> 'refused' OR p.refused_until <= v_now) OR p.holder = ANY (v_lapsed))";

    private const string Freed =
        "holder = NULL, holder_epoch = 0, state = 'free', code = '', text = '', changed_at = v_now, unwanted_since = NULL";

    private const string Taken = "holder = p_app_key, holder_epoch = p_epoch, key_epoch = p.key_epoch + 1, state = 'claimed', code = '', "
        + "text = '', claimed_at = v_now, changed_at = v_now, unwanted_since = NULL";

    private const string UnplacedSince = "greatest((SELECT min(d.wanted_at) FROM {0}.demand d "
        + "WHERE d.environment = p.environment AND d.tr_id = p.tr_id AND d.key = p.key), CASE WHEN p.holder IS NULL THEN "
        + "p.changed_at ELSE l.expires_at + p_takeover_delay END)";

    /// <summary>The name, quoted.</summary>
    public string Quoted { get; } = $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The channel of notifications.</summary>
    public string Channel => schema;

    /// <summary>The key of the lock that migrations take.</summary>
    public string Lock => $"hashtextextended({Text($"kisfeed cluster {schema}")}, 0)";

    /// <summary>
    /// The changes of tables of each version, from 1. A released one never changes. A function whose
    /// parameters or result change is dropped here.
    /// </summary>
    public ImmutableArray<string> Migrations => [Tables, LeaseRequests];

    /// <summary>The functions of the current version, which replace those of earlier ones.</summary>
    public string Functions => string.Join('\n', Clock, Uses, LeaseFunctions, EdgeFunctions, IngestFunctions, Rights);

    private string Tables => $"""
        CREATE TABLE {Quoted}.lease (
            app_key text COLLATE "C" PRIMARY KEY, environment text COLLATE "C" NOT NULL, holder text, epoch bigint NOT NULL DEFAULT 0,
            expires_at timestamptz NOT NULL, held_since timestamptz NOT NULL, slots integer NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50);
        COMMENT ON TABLE {Quoted}.lease IS 'Which ingest may have a session of each app key';
        COMMENT ON COLUMN {Quoted}.lease.app_key IS 'The hash of the app key; the app key itself is stored nowhere';
        COMMENT ON COLUMN {Quoted}.lease.environment IS 'The service of the app key';
        COMMENT ON COLUMN {Quoted}.lease.holder IS 'The process that holds the lease or held it last; NULL after it was given back';
        COMMENT ON COLUMN {Quoted}.lease.epoch IS 'Increases by one with each change of holder';
        COMMENT ON COLUMN {Quoted}.lease.expires_at IS 'When another process may take the lease, by the clock of this server';
        COMMENT ON COLUMN {Quoted}.lease.held_since IS 'Since when the holder has held it without a break';
        COMMENT ON COLUMN {Quoted}.lease.slots IS 'Keys that the holder can hold; 0 if its session does not work';
        CREATE TABLE {Quoted}.app_key_use (app_key text COLLATE "C" NOT NULL, kind "char" NOT NULL, used_at timestamptz NOT NULL,
            amount integer NOT NULL);
        CREATE INDEX app_key_use_key ON {Quoted}.app_key_use (app_key, kind, used_at);
        COMMENT ON TABLE {Quoted}.app_key_use IS 'What was used of the budgets of each app key within the last hour, over all holders; '
            'changed only under the lock of the row in lease';
        COMMENT ON COLUMN {Quoted}.app_key_use.kind IS 'a: connection attempts; r: new registrations';
        COMMENT ON COLUMN {Quoted}.app_key_use.amount IS 'How many at this time';
        CREATE TABLE {Quoted}.node (
            node text COLLATE "C" PRIMARY KEY, is_edge boolean NOT NULL, expires_at timestamptz NOT NULL,
                sequence bigint NOT NULL DEFAULT 0, lag interval
        ) WITH (fillfactor = 50);
        COMMENT ON TABLE {Quoted}.node IS 'The processes of the cluster';
        COMMENT ON COLUMN {Quoted}.node.node IS 'The name of the process, unique for each start';
        COMMENT ON COLUMN {Quoted}.node.is_edge IS 'Whether it is an edge; otherwise it is an ingest';
        COMMENT ON COLUMN {Quoted}.node.expires_at IS 'When it counts as gone, and what it wants with it';
        COMMENT ON COLUMN {Quoted}.node.sequence IS 'The number of the last request of an edge';
        COMMENT ON COLUMN {Quoted}.node.lag IS 'How far it is behind: an ingest with publishing, an edge with reading; NULL if it has not '
            'said it';
        CREATE TABLE {Quoted}.demand (
            node text COLLATE "C" NOT NULL REFERENCES {Quoted}.node ON DELETE CASCADE, environment text COLLATE "C" NOT NULL,
                tr_id text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL, wanted_at timestamptz NOT NULL, PRIMARY KEY (environment, tr_id, key, node)
        );
        CREATE INDEX demand_node ON {Quoted}.demand (node);
        COMMENT ON TABLE {Quoted}.demand IS 'What the consumers of each edge want';
        COMMENT ON COLUMN {Quoted}.demand.wanted_at IS 'Since when';
        CREATE TABLE {Quoted}.placement (
            environment text COLLATE "C", tr_id text COLLATE "C", key text COLLATE "C", holder text COLLATE "C",
                holder_epoch bigint NOT NULL DEFAULT 0,
            key_epoch bigint NOT NULL DEFAULT 0, state text NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'claimed', 'registered',
                'releasing', 'refused')),
            code text NOT NULL DEFAULT '', text text NOT NULL DEFAULT '', changed_at timestamptz NOT NULL, claimed_at timestamptz,
                unwanted_since timestamptz,
            refused_until timestamptz, avoid text[] NOT NULL DEFAULT ARRAY[]::text[], avoid_until timestamptz, PRIMARY KEY (environment,
                tr_id, key)
        ) WITH (fillfactor = 70);
        CREATE INDEX placement_holder ON {Quoted}.placement (holder);
        COMMENT ON TABLE {Quoted}.placement IS 'Which app key holds each key. Rows are never deleted, so that key epochs never restart';
        COMMENT ON COLUMN {Quoted}.placement.holder IS 'The hash of the app key that holds it; NULL if none does';
        COMMENT ON COLUMN {Quoted}.placement.holder_epoch IS 'The epoch of the lease under which it was claimed';
        COMMENT ON COLUMN {Quoted}.placement.key_epoch IS 'Increases by one with each change of holder';
        COMMENT ON COLUMN {Quoted}.placement.state IS 'free; claimed: the holder is registering it; registered: the broker has '
            'acknowledged it; releasing: nobody wants it; refused: permanently';
        COMMENT ON COLUMN {Quoted}.placement.code IS 'The code with which the broker refused it';
        COMMENT ON COLUMN {Quoted}.placement.unwanted_since IS 'Since when its holder knows that nobody wants it';
        COMMENT ON COLUMN {Quoted}.placement.refused_until IS 'Until when a key that was refused permanently is not requested again';
        COMMENT ON COLUMN {Quoted}.placement.avoid IS 'App keys that could not register it';
        COMMENT ON COLUMN {Quoted}.placement.avoid_until IS 'Until when these app keys do not try it again';
        """;

    private string LeaseRequests => $"""
        ALTER TABLE {Quoted}.lease ADD COLUMN request bigint NOT NULL DEFAULT 0;
        COMMENT ON COLUMN {Quoted}.lease.request IS
            'The number of the request with which the holder acquired it; earlier ones of the same holder that arrive late have no effect';
        DROP FUNCTION IF EXISTS {Quoted}.request_lease(text, text, text, bigint, interval, integer);
        """;

    // Who may execute the functions of an earlier version may execute the new ones.
    private string Rights => $"""
        REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {Quoted} FROM PUBLIC;
        DO $body$
        DECLARE
            v_role text;
        BEGIN
            FOR v_role IN
                SELECT DISTINCT a.grantee::regrole::text FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
                WHERE p.pronamespace = {Text(Quoted)}::regnamespace AND a.privilege_type = 'EXECUTE' AND a.grantee <> 0
                    AND a.grantee <> p.proowner
            LOOP
                EXECUTE 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {Quoted} TO ' || v_role;
            END LOOP;
        END
        $body$;
        """;

    // One place for the time, so that tests can set it.
    private string Clock => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.clock() RETURNS timestamptz LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
            AS 'SELECT clock_timestamp()';
        """;

    // How long until a budget allows one more use; 0 if it does now. The window is full until the oldest use that fills it has left it.
    private string Uses => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.uses_left(of_app_key text, of_kind "char", per_minute integer, per_hour integer, at timestamptz)
            RETURNS integer LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
            SELECT greatest(0, least(per_minute - coalesce(sum(amount) FILTER (WHERE used_at > at - interval '1 minute'), 0),
                per_hour - coalesce(sum(amount), 0)))::integer
            FROM {Quoted}.app_key_use WHERE app_key = of_app_key AND kind = of_kind AND used_at > at - interval '1 hour'
        $body$;
        CREATE OR REPLACE FUNCTION {Quoted}.use_allowed_in(of_app_key text, of_kind "char", per_minute integer, per_hour integer,
            at timestamptz) RETURNS interval LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
            WITH used AS (
                SELECT used_at, sum(amount) OVER (ORDER BY used_at DESC ROWS UNBOUNDED PRECEDING) AS since
                FROM {Quoted}.app_key_use WHERE app_key = of_app_key AND kind = of_kind AND used_at > at - interval '1 hour'
            )
            SELECT greatest(interval '0',
                (SELECT max(used_at) + interval '1 minute' - at FROM used WHERE since >= per_minute),
                (SELECT max(used_at) + interval '1 hour' - at FROM used WHERE since >= per_hour))
        $body$;
        CREATE OR REPLACE FUNCTION {Quoted}.record_use(of_app_key text, of_kind "char", count integer, at timestamptz) RETURNS void
            LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $body$
            DELETE FROM {Quoted}.app_key_use WHERE app_key = of_app_key AND used_at <= at - interval '1 hour';
            INSERT INTO {Quoted}.app_key_use (app_key, kind, used_at, amount) SELECT of_app_key, of_kind, at, count WHERE count > 0
        $body$;
        """;

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private string Function(string signature, string body) => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.{signature} LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
        #variable_conflict use_column
        {body}
        $body$;
        """;

    // An ingest counts as present for three times the lease after each request, whether it holds the lease or waits for it.
    private string LeaseFunctions => string.Join('\n', Function(
        "request_lease(p_app_key text, p_environment text, p_holder text, p_request bigint, p_epoch bigint, p_ttl interval, "
            + "p_attempts integer, OUT is_held boolean, OUT held_epoch bigint, OUT remaining interval)",
        $"""
        DECLARE
            v_row {Quoted}.lease;
            v_now timestamptz;
        BEGIN
            INSERT INTO {Quoted}.lease (app_key, environment, expires_at, held_since)
                VALUES (p_app_key, p_environment, '-infinity', '-infinity') ON CONFLICT DO NOTHING;
            SELECT * INTO v_row FROM {Quoted}.lease WHERE app_key = p_app_key FOR UPDATE;
            v_now := {Quoted}.clock();
            PERFORM {Quoted}.record_use(p_app_key, 'a', p_attempts, v_now);
            INSERT INTO {Quoted}.node (node, is_edge, expires_at) VALUES (p_holder, false, v_now + p_ttl * 3) ON CONFLICT (node) DO UPDATE
                SET expires_at = EXCLUDED.expires_at;
            IF p_epoch = 0 THEN
                -- The holder asks again if it has not got the answer, or has stood down. An earlier request that arrives late must not end
                -- what a later one has got.
                is_held := CASE WHEN v_row.holder = p_holder THEN v_row.request <= p_request ELSE v_row.holder IS NULL
                    OR v_row.expires_at <= v_now END;
            ELSE
                is_held := v_row.holder IS NOT DISTINCT FROM p_holder AND v_row.epoch = p_epoch;
            END IF;
            IF NOT is_held THEN
                held_epoch := v_row.epoch;
                remaining := CASE WHEN v_row.holder IS NULL OR v_row.expires_at <= v_now THEN interval '0'
                    ELSE v_row.expires_at - v_now END;
                RETURN;
            END IF;
            IF p_epoch = 0 AND (v_row.holder IS DISTINCT FROM p_holder OR v_row.request <> p_request) THEN
                UPDATE {Quoted}.lease SET holder = p_holder, request = p_request, environment = p_environment, epoch = epoch + 1,
                    slots = 0, held_since = v_now, expires_at = v_now + p_ttl WHERE app_key = p_app_key;
                held_epoch := v_row.epoch + 1;
            ELSE
                UPDATE {Quoted}.lease SET held_since = CASE WHEN expires_at <= v_now THEN v_now
                    ELSE held_since END, expires_at = v_now + p_ttl WHERE app_key = p_app_key;
                held_epoch := v_row.epoch;
            END IF;
            remaining := p_ttl;
        END
        """),
        Function("release_lease(p_app_key text, p_holder text, p_epoch bigint) RETURNS void", $"""
        BEGIN
            UPDATE {Quoted}.lease SET holder = NULL, expires_at = {Quoted}.clock() WHERE app_key = p_app_key AND holder = p_holder
                AND epoch = p_epoch;
            IF FOUND THEN
                PERFORM pg_notify({Text(Channel)}, 'lease');
            END IF;
        END
        """),
        Function(
        "record_attempt(p_app_key text, p_holder text, p_epoch bigint, p_per_minute integer, p_per_hour integer, OUT is_held boolean, "
            + "OUT is_granted boolean, OUT retry_after interval)",
        $"""
        DECLARE
            v_now timestamptz;
        BEGIN
            PERFORM FROM {Quoted}.lease WHERE app_key = p_app_key AND holder = p_holder AND epoch = p_epoch FOR UPDATE;
            is_held := FOUND;
            is_granted := false;
            retry_after := interval '0';
            IF NOT is_held THEN
                RETURN;
            END IF;
            v_now := {Quoted}.clock();
            is_granted := {Quoted}.uses_left(p_app_key, 'a', p_per_minute, p_per_hour, v_now) > 0;
            IF is_granted THEN
                PERFORM {Quoted}.record_use(p_app_key, 'a', 1, v_now);
            ELSE
                retry_after := {Quoted}.use_allowed_in(p_app_key, 'a', p_per_minute, p_per_hour, v_now);
            END IF;
        END
        """));

    // Slots of ingests that have a session, without those that are taken.
    private string FreeSlots => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.free_slots(p_environment text, p_now timestamptz) RETURNS integer LANGUAGE sql STABLE
            SET search_path = pg_catalog, pg_temp AS $body$
            SELECT coalesce(sum(greatest(0, slots - (SELECT count(*) FROM {Quoted}.placement p WHERE p.holder = l.app_key))), 0)::integer
            FROM {Quoted}.lease l WHERE l.environment = p_environment AND l.holder IS NOT NULL AND l.expires_at > p_now AND l.slots > 0
        $body$;
        """;

    // An edge locks its own node row, adds rows of keys in their order, and locks no other row. So it never
    // waits for an ingest that waits for it.
    private string EdgeFunctions => string.Join('\n', FreeSlots, Function(
        "sync_edge(p_node text, p_sequence bigint, p_is_full boolean, p_added_environments text[], p_added_tr_ids text[], p_added_keys "
            + "text[], p_removed_environments text[], p_removed_tr_ids text[], p_removed_keys text[], p_ttl interval) RETURNS boolean",
        $"""
        DECLARE
            v_row {Quoted}.node;
            v_now timestamptz;
        BEGIN
            SELECT * INTO v_row FROM {Quoted}.node WHERE node = p_node FOR UPDATE;
            v_now := {Quoted}.clock();
            IF v_row.expires_at <= v_now THEN
                DELETE FROM {Quoted}.node WHERE node = p_node;
                v_row := NULL;
            END IF;
            IF (CASE WHEN p_is_full THEN v_row.node IS NOT NULL AND p_sequence <= v_row.sequence ELSE v_row.node IS NULL
                OR p_sequence <> v_row.sequence + 1 END) THEN
                RETURN false;
            END IF;
            INSERT INTO {Quoted}.node (node, is_edge, expires_at, sequence) VALUES (p_node, true, v_now + p_ttl, p_sequence)
                ON CONFLICT (node) DO UPDATE SET expires_at = EXCLUDED.expires_at, sequence = EXCLUDED.sequence;
            IF p_is_full THEN
                DELETE FROM {Quoted}.demand d WHERE d.node = p_node
                    AND NOT EXISTS (SELECT FROM unnest(p_added_environments, p_added_tr_ids, p_added_keys) AS a (environment, tr_id, key)
                        WHERE a.environment = d.environment AND a.tr_id = d.tr_id AND a.key = d.key);
            END IF;
            DELETE FROM {Quoted}.demand d USING unnest(p_removed_environments, p_removed_tr_ids, p_removed_keys)
                AS r (environment, tr_id, key)
                WHERE d.node = p_node AND d.environment = r.environment AND d.tr_id = r.tr_id AND d.key = r.key;
            INSERT INTO {Quoted}.placement (environment, tr_id, key, changed_at)
                SELECT a.environment COLLATE "C", a.tr_id COLLATE "C", a.key COLLATE "C", v_now
                    FROM unnest(p_added_environments, p_added_tr_ids, p_added_keys) AS a (environment, tr_id, key)
                WHERE NOT EXISTS (SELECT FROM {Quoted}.placement p WHERE p.environment = a.environment AND p.tr_id = a.tr_id
                    AND p.key = a.key)
                ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
            INSERT INTO {Quoted}.demand (node, environment, tr_id, key, wanted_at)
                SELECT p_node, a.environment, a.tr_id, a.key, v_now FROM unnest(p_added_environments, p_added_tr_ids, p_added_keys)
                    AS a (environment, tr_id, key) ON CONFLICT DO NOTHING;
            IF cardinality(p_added_keys) > 0 OR cardinality(p_removed_keys) > 0 THEN
                PERFORM pg_notify({Text(Channel)}, 'demand');
            END IF;
            RETURN true;
        END
        """),
        Function(
        "wanted_keys(p_node text, p_takeover_delay interval) RETURNS TABLE (environment text, tr_id text, key text, state text, "
            + "key_epoch bigint, code text, text text)",
        $"""
        DECLARE
            v_now timestamptz := {Quoted}.clock();
        BEGIN
            -- The free slots are counted only if a key waits for one.
            RETURN QUERY
                WITH f AS MATERIALIZED (
                    SELECT e.environment, {Quoted}.free_slots(e.environment, v_now) AS free FROM (SELECT DISTINCT n.environment
                        FROM {Quoted}.demand n WHERE n.node = p_node) e
                )
                SELECT p.environment, p.tr_id, p.key,
                    CASE
                        WHEN p.state = 'refused' AND p.refused_until > v_now THEN 'refused'
                        WHEN p.state = 'registered' AND l.epoch = p.holder_epoch AND l.expires_at + p_takeover_delay > v_now
                            THEN 'registered'
                        WHEN p.holder IS NULL AND greatest(d.wanted_at, p.changed_at) + p_takeover_delay <= v_now AND (SELECT f.free FROM f
                            WHERE f.environment = d.environment) = 0 THEN 'no slot'
                        ELSE 'waiting'
                    END,
                    p.key_epoch, p.code, p.text
                FROM {Quoted}.demand d JOIN {Quoted}.placement p ON p.environment = d.environment AND p.tr_id = d.tr_id AND p.key = d.key
                    LEFT JOIN {Quoted}.lease l ON l.app_key = p.holder
                WHERE d.node = p_node ORDER BY p.environment, p.tr_id, p.key;
        END
        """),
        Function("report_lag(p_node text, p_lag interval) RETURNS void", $"""
        BEGIN
            UPDATE {Quoted}.node SET lag = p_lag WHERE node = p_node;
        END
        """),
        Function("remove_edge(p_node text) RETURNS void", $"""
        BEGIN
            DELETE FROM {Quoted}.node WHERE node = p_node AND is_edge;
            PERFORM pg_notify({Text(Channel)}, 'demand');
        END
        """));

    // The function with which an ingest reports, releases and claims keys.

    private string Wanted => IsWanted.Replace("{0}", Quoted, StringComparison.Ordinal);

    private string Since => UnplacedSince.Replace("{0}", Quoted, StringComparison.Ordinal);

    // Takes the keys that have waited longest, without waiting for those that another ingest is taking.
    private string Claim(string limit, string condition) => $"""
        WITH c AS MATERIALIZED (
            SELECT p.environment, p.tr_id, p.key FROM {Quoted}.placement p LEFT JOIN {Quoted}.lease l ON l.app_key = p.holder
            WHERE p.environment = v_lease.environment AND {IsOpen} AND (p.holder IS NULL OR v_lease.held_since + p_takeover_delay <= v_now)
                AND NOT (p.avoid_until IS NOT NULL AND p.avoid_until > v_now AND p_app_key = ANY (p.avoid)) AND {Wanted} {condition}
            ORDER BY {Since}, p.environment, p.tr_id, p.key LIMIT {limit} FOR UPDATE OF p SKIP LOCKED
        )
        UPDATE {Quoted}.placement p SET {Taken} FROM c WHERE p.environment = c.environment AND p.tr_id = c.tr_id AND p.key = c.key;
        GET DIAGNOSTICS v_count = ROW_COUNT;
        v_left := v_left - v_count;
        v_claimed := v_claimed + v_count;
        """;

    // App keys that no ingest has had for long, and that hold no key: they are in use no more, or somewhere else.
    private string RemoveRetired => $"""
        IF EXISTS (SELECT FROM {Quoted}.lease l WHERE l.expires_at <= v_now - {Retirement}) THEN
            WITH r AS MATERIALIZED (
                SELECT l.app_key FROM {Quoted}.lease l
                WHERE l.expires_at <= v_now - {Retirement} AND NOT EXISTS (SELECT FROM {Quoted}.placement p
                    WHERE p.holder = l.app_key) FOR UPDATE OF l SKIP LOCKED
            ), u AS (
                DELETE FROM {Quoted}.app_key_use u USING r WHERE u.app_key = r.app_key
            )
            DELETE FROM {Quoted}.lease l USING r WHERE l.app_key = r.app_key;
        END IF;
        """;

    private string Reports => $"""
        UPDATE {Quoted}.placement p SET
            state = CASE r.kind WHEN 'registered' THEN 'registered' WHEN 'refused' THEN 'refused' ELSE 'free' END,
            holder = CASE r.kind WHEN 'registered' THEN p.holder END,
            holder_epoch = CASE r.kind WHEN 'registered' THEN p.holder_epoch ELSE 0 END,
            code = CASE r.kind WHEN 'refused' THEN r.code ELSE '' END,
            text = CASE r.kind WHEN 'refused' THEN r.text ELSE '' END,
            changed_at = v_now,
            unwanted_since = CASE r.kind WHEN 'registered' THEN p.unwanted_since END,
            refused_until = CASE r.kind WHEN 'refused' THEN v_now + p_refusal_memory ELSE p.refused_until END,
            avoid = CASE r.kind
                WHEN 'registered' THEN ARRAY[]::text[]
                WHEN 'failed' THEN CASE WHEN p.avoid_until > v_now THEN array_append(array_remove(p.avoid, p_app_key), p_app_key)
                    ELSE ARRAY[p_app_key] END
                ELSE p.avoid END,
            avoid_until = CASE r.kind WHEN 'failed' THEN v_now + p_retry_delay ELSE p.avoid_until END
        FROM unnest(p_environments, p_tr_ids, p_keys, p_key_epochs, p_kinds, p_codes, p_texts)
            AS r (environment, tr_id, key, key_epoch, kind, code, text)
        WHERE p.environment = r.environment AND p.tr_id = r.tr_id AND p.key = r.key AND p.holder = p_app_key AND p.holder_epoch = p_epoch
            AND p.key_epoch = r.key_epoch
            AND (r.kind = 'registered' AND p.state = 'claimed' OR r.kind = 'released' AND p.state = 'releasing'
                OR r.kind IN ('failed', 'refused'));
        v_is_changed := FOUND;
        """;

    // The app keys with the fewest keys are filled first, up to the same level, as far as each has slots. What remains
    // goes to the first by name, one each.
    private string FairShare => $"""
        WITH live AS MATERIALIZED (
            SELECT l.app_key, l.slots, (SELECT count(*) FROM {Quoted}.placement p WHERE p.holder = l.app_key)::integer AS load
            FROM {Quoted}.lease l WHERE l.environment = v_lease.environment AND l.holder IS NOT NULL AND l.expires_at > v_now
                AND l.slots > 0
        ), filled AS (
            SELECT level, (SELECT sum(greatest(load, least(slots, level))) FROM live) AS load FROM generate_series(0, (SELECT max(slots)
                FROM live)) AS level
        ), highest AS (
            SELECT level, (SELECT sum(load) + v_open FROM live) - load AS rest FROM filled WHERE load <= (SELECT sum(load) + v_open
                FROM live) OR level = 0 ORDER BY level DESC LIMIT 1
        )
        SELECT greatest(mine.load, least(mine.slots, level))
            + CASE WHEN mine.load <= level AND level < mine.slots AND (SELECT count(*) FROM live WHERE load <= level AND level < slots
                AND app_key < p_app_key) < rest THEN 1 ELSE 0 END
            - mine.load
        INTO v_share FROM highest, live AS mine WHERE mine.app_key = p_app_key;
        """;

    // Locks the row of its lease, then rows of keys that it holds, and takes others only if nobody else has locked them. So ingests
    // never wait for each other in a circle.
    private string IngestFunctions => string.Join('\n', Function(
        "sync_ingest(p_app_key text, p_holder text, p_epoch bigint, p_slots integer, p_environments text[], p_tr_ids text[], "
            + "p_keys text[], p_key_epochs bigint[], p_kinds text[], p_codes text[], p_texts text[], p_grace interval, p_minimum_hold "
            + "interval, p_takeover_delay interval, p_fair_delay interval, p_refusal_memory interval, p_retry_delay interval, p_per_minute "
            + "integer, p_per_hour integer) RETURNS boolean",
        $"""
        DECLARE
            v_lease {Quoted}.lease;
            v_now timestamptz;
            v_is_changed boolean;
            v_open integer;
            v_needed integer := 0;
            v_left integer;
            v_share integer;
            v_count integer;
            v_claimed integer := 0;
            v_key record;
            v_lapsed text[];
        BEGIN
            SELECT * INTO v_lease FROM {Quoted}.lease WHERE app_key = p_app_key AND holder = p_holder AND epoch = p_epoch FOR UPDATE;
            v_now := {Quoted}.clock();
            IF NOT FOUND OR v_lease.expires_at <= v_now THEN
                RETURN false;
            END IF;
            UPDATE {Quoted}.lease SET slots = p_slots WHERE app_key = p_app_key AND slots <> p_slots;
            DELETE FROM {Quoted}.node WHERE node IN (SELECT node FROM {Quoted}.node WHERE expires_at <= v_now FOR UPDATE SKIP LOCKED);
            {RemoveRetired}
            {Reports}

            -- App keys whose holders have been gone for so long that others may take their keys.
            v_lapsed := ARRAY(SELECT l.app_key FROM {Quoted}.lease l
                WHERE l.app_key <> p_app_key AND l.expires_at + p_takeover_delay <= v_now);

            -- The keys of an earlier holder of the same app key.
            UPDATE {Quoted}.placement p SET {Taken} WHERE p.holder = p_app_key AND p.holder_epoch <> p_epoch AND {Wanted};
            UPDATE {Quoted}.placement p SET {Freed} WHERE p.holder = p_app_key AND p.holder_epoch <> p_epoch;
            WITH c AS MATERIALIZED (
                SELECT p.environment, p.tr_id, p.key FROM {Quoted}.placement p WHERE p.holder = ANY (v_lapsed)
                    AND NOT {Wanted} FOR UPDATE OF p SKIP LOCKED
            )
            UPDATE {Quoted}.placement p SET {Freed} FROM c WHERE p.environment = c.environment AND p.tr_id = c.tr_id AND p.key = c.key;

            -- Keys that nobody wants: after the grace period, or earlier if others need their slots.
            SELECT count(*) INTO v_open FROM {Quoted}.placement p WHERE p.environment = v_lease.environment AND {IsOpen} AND {Wanted};
            IF v_open > 0 THEN
                SELECT v_open - {Quoted}.free_slots(v_lease.environment, v_now) - count(*) INTO v_needed FROM {Quoted}.placement p
                    JOIN {Quoted}.lease l ON l.app_key = p.holder
                    WHERE p.environment = v_lease.environment AND p.state = 'releasing' AND l.holder IS NOT NULL AND l.expires_at > v_now
                        AND l.slots > 0;
            END IF;
            UPDATE {Quoted}.placement p SET unwanted_since = CASE WHEN p.unwanted_since IS NULL THEN v_now END
                WHERE p.holder = p_app_key AND {Wanted} = (p.unwanted_since IS NOT NULL);
            FOR v_key IN
                SELECT * FROM {Quoted}.placement p WHERE p.holder = p_app_key AND p.unwanted_since IS NOT NULL AND p.state <> 'releasing'
                    ORDER BY p.unwanted_since, p.environment, p.tr_id, p.key
            LOOP
                CONTINUE WHEN v_key.claimed_at + p_minimum_hold > v_now OR v_key.unwanted_since + p_grace > v_now AND v_needed <= 0;
                UPDATE {Quoted}.placement SET state = 'releasing', changed_at = v_now WHERE environment = v_key.environment
                    AND tr_id = v_key.tr_id AND key = v_key.key;
                v_needed := v_needed - 1;
            END LOOP;

            -- Keys that somebody wants and nobody holds.
            SELECT least(p_slots - count(*), {Quoted}.uses_left(p_app_key, 'r', p_per_minute, p_per_hour, v_now)) INTO v_left
                FROM {Quoted}.placement WHERE holder = p_app_key;
            IF v_left > 0 AND v_open > 0 THEN
                {FairShare}
                IF v_share > 0 THEN
                    {Claim("least(v_left, v_share)", "")}
                END IF;
                IF v_left > 0 THEN
                    {Claim("v_left", $"AND {Since} + p_fair_delay <= v_now")}
                END IF;
                PERFORM {Quoted}.record_use(p_app_key, 'r', v_claimed, v_now);
            END IF;
            IF v_is_changed THEN
                PERFORM pg_notify({Text(Channel)}, 'placement');
            END IF;
            RETURN true;
        END
        """),
        Function(
        "held_keys(p_app_key text, p_holder text, p_epoch bigint) RETURNS TABLE (environment text, tr_id text, key text, "
            + "key_epoch bigint, state text)",
        $"""
        BEGIN
            RETURN QUERY
                SELECT p.environment, p.tr_id, p.key, p.key_epoch, p.state FROM {Quoted}.placement p
                    JOIN {Quoted}.lease l ON l.app_key = p.holder
                WHERE p.holder = p_app_key AND p.holder_epoch = p_epoch AND l.holder = p_holder AND l.epoch = p_epoch
                    ORDER BY p.environment, p.tr_id, p.key;
        END
        """));
}
