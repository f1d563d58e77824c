namespace KisFeed.Coordination.Postgres;

// The functions of leases and edges.
internal sealed partial class ClusterSql
{
    // An ingest counts as present for three times the lease after each request, whether it holds the lease or waits for it.
    private string LeaseFunctions => string.Join('\n', Function(
        "request_lease(p_app_key text, p_environment text, p_holder text, p_request bigint, p_epoch bigint, p_ttl interval, p_attempts integer, OUT is_held boolean, OUT held_epoch bigint, OUT remaining interval)",
        "request_lease(text, text, text, bigint, bigint, interval, integer)",
        $"""
        DECLARE
            v_row {Quoted}.lease;
            v_now timestamptz;
        BEGIN
            INSERT INTO {Quoted}.lease (app_key, environment, expires_at, held_since) VALUES (p_app_key, p_environment, '-infinity', '-infinity') ON CONFLICT DO NOTHING;
            SELECT * INTO v_row FROM {Quoted}.lease WHERE app_key = p_app_key FOR UPDATE;
            v_now := {Quoted}.clock();
            PERFORM {Quoted}.record_use(p_app_key, 'a', p_attempts, v_now);
            INSERT INTO {Quoted}.node (node, is_edge, expires_at) VALUES (p_holder, false, v_now + p_ttl * 3) ON CONFLICT (node) DO UPDATE SET expires_at = EXCLUDED.expires_at;
            IF p_epoch = 0 THEN
                -- The holder asks again if it has not got the answer, or has stood down. An earlier request that arrives late must not end what a later one has got.
                is_held := CASE WHEN v_row.holder = p_holder THEN v_row.request <= p_request ELSE v_row.holder IS NULL OR v_row.expires_at <= v_now END;
            ELSE
                is_held := v_row.holder IS NOT DISTINCT FROM p_holder AND v_row.epoch = p_epoch;
            END IF;
            IF NOT is_held THEN
                held_epoch := v_row.epoch;
                remaining := CASE WHEN v_row.holder IS NULL OR v_row.expires_at <= v_now THEN interval '0' ELSE v_row.expires_at - v_now END;
                RETURN;
            END IF;
            IF p_epoch = 0 AND (v_row.holder IS DISTINCT FROM p_holder OR v_row.request <> p_request) THEN
                UPDATE {Quoted}.lease SET holder = p_holder, request = p_request, environment = p_environment, epoch = epoch + 1, places = 0, held_since = v_now, expires_at = v_now + p_ttl WHERE app_key = p_app_key;
                held_epoch := v_row.epoch + 1;
            ELSE
                UPDATE {Quoted}.lease SET held_since = CASE WHEN expires_at <= v_now THEN v_now ELSE held_since END, expires_at = v_now + p_ttl WHERE app_key = p_app_key;
                held_epoch := v_row.epoch;
            END IF;
            remaining := p_ttl;
        END
        """),
        Function("release_lease(p_app_key text, p_holder text, p_epoch bigint) RETURNS void", "release_lease(text, text, bigint)", $"""
        BEGIN
            UPDATE {Quoted}.lease SET holder = NULL, expires_at = {Quoted}.clock() WHERE app_key = p_app_key AND holder = p_holder AND epoch = p_epoch;
            IF FOUND THEN
                PERFORM pg_notify({Text(Channel)}, 'lease');
            END IF;
        END
        """),
        Function(
        "record_attempt(p_app_key text, p_holder text, p_epoch bigint, p_per_minute integer, p_per_hour integer, OUT is_held boolean, OUT is_granted boolean, OUT retry_after interval)",
        "record_attempt(text, text, bigint, integer, integer)",
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

    // Places of ingests that have a session, without those that are taken.
    private string FreePlaces => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.free_places(p_environment text, p_now timestamptz) RETURNS integer LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
            SELECT coalesce(sum(greatest(0, places - (SELECT count(*) FROM {Quoted}.placement p WHERE p.holder = l.app_key))), 0)::integer
            FROM {Quoted}.lease l WHERE l.environment = p_environment AND l.holder IS NOT NULL AND l.expires_at > p_now AND l.places > 0
        $body$;
        REVOKE ALL ON FUNCTION {Quoted}.free_places(text, timestamptz) FROM PUBLIC;
        """;

    // An edge locks its own node row, adds rows of keys in their order, and locks no other row. So it never waits for an ingest that waits for it.
    private string EdgeFunctions => string.Join('\n', FreePlaces, Function(
        "sync_edge(p_node text, p_sequence bigint, p_is_full boolean, p_added_environments text[], p_added_tr_ids text[], p_added_keys text[], p_removed_environments text[], p_removed_tr_ids text[], p_removed_keys text[], p_ttl interval) RETURNS boolean",
        "sync_edge(text, bigint, boolean, text[], text[], text[], text[], text[], text[], interval)",
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
            IF (CASE WHEN p_is_full THEN v_row.node IS NOT NULL AND p_sequence <= v_row.sequence ELSE v_row.node IS NULL OR p_sequence <> v_row.sequence + 1 END) THEN
                RETURN false;
            END IF;
            INSERT INTO {Quoted}.node (node, is_edge, expires_at, sequence) VALUES (p_node, true, v_now + p_ttl, p_sequence)
                ON CONFLICT (node) DO UPDATE SET expires_at = EXCLUDED.expires_at, sequence = EXCLUDED.sequence;
            IF p_is_full THEN
                DELETE FROM {Quoted}.demand d WHERE d.node = p_node
                    AND NOT EXISTS (SELECT FROM unnest(p_added_environments, p_added_tr_ids, p_added_keys) AS a (environment, tr_id, key) WHERE a.environment = d.environment AND a.tr_id = d.tr_id AND a.key = d.key);
            END IF;
            DELETE FROM {Quoted}.demand d USING unnest(p_removed_environments, p_removed_tr_ids, p_removed_keys) AS r (environment, tr_id, key)
                WHERE d.node = p_node AND d.environment = r.environment AND d.tr_id = r.tr_id AND d.key = r.key;
            INSERT INTO {Quoted}.placement (environment, tr_id, key, changed_at)
                SELECT a.environment COLLATE "C", a.tr_id COLLATE "C", a.key COLLATE "C", v_now FROM unnest(p_added_environments, p_added_tr_ids, p_added_keys) AS a (environment, tr_id, key)
                WHERE NOT EXISTS (SELECT FROM {Quoted}.placement p WHERE p.environment = a.environment AND p.tr_id = a.tr_id AND p.key = a.key)
                ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
            INSERT INTO {Quoted}.demand (node, environment, tr_id, key, wanted_at)
                SELECT p_node, a.environment, a.tr_id, a.key, v_now FROM unnest(p_added_environments, p_added_tr_ids, p_added_keys) AS a (environment, tr_id, key) ON CONFLICT DO NOTHING;
            IF cardinality(p_added_keys) > 0 OR cardinality(p_removed_keys) > 0 THEN
                PERFORM pg_notify({Text(Channel)}, 'demand');
            END IF;
            RETURN true;
        END
        """),
        Function(
        "wanted_keys(p_node text, p_takeover_delay interval) RETURNS TABLE (environment text, tr_id text, key text, state text, key_epoch bigint, code text, text text)",
        "wanted_keys(text, interval)",
        $"""
        DECLARE
            v_now timestamptz := {Quoted}.clock();
        BEGIN
            -- The free places are counted only if a key waits for one.
            RETURN QUERY
                WITH f AS MATERIALIZED (
                    SELECT e.environment, {Quoted}.free_places(e.environment, v_now) AS free FROM (SELECT DISTINCT n.environment FROM {Quoted}.demand n WHERE n.node = p_node) e
                )
                SELECT p.environment, p.tr_id, p.key,
                    CASE
                        WHEN p.state = 'refused' AND p.refused_until > v_now THEN 'refused'
                        WHEN p.state = 'registered' AND l.epoch = p.holder_epoch AND l.expires_at + p_takeover_delay > v_now THEN 'registered'
                        WHEN p.holder IS NULL AND greatest(d.wanted_at, p.changed_at) + p_takeover_delay <= v_now AND (SELECT f.free FROM f WHERE f.environment = d.environment) = 0 THEN 'no place'
                        ELSE 'waiting'
                    END,
                    p.key_epoch, p.code, p.text
                FROM {Quoted}.demand d JOIN {Quoted}.placement p ON p.environment = d.environment AND p.tr_id = d.tr_id AND p.key = d.key LEFT JOIN {Quoted}.lease l ON l.app_key = p.holder
                WHERE d.node = p_node ORDER BY p.environment, p.tr_id, p.key;
        END
        """),
        Function("report_lag(p_node text, p_lag interval) RETURNS void", "report_lag(text, interval)", $"""
        BEGIN
            UPDATE {Quoted}.node SET lag = p_lag WHERE node = p_node;
        END
        """),
        Function("remove_edge(p_node text) RETURNS void", "remove_edge(text)", $"""
        BEGIN
            DELETE FROM {Quoted}.node WHERE node = p_node AND is_edge;
            PERFORM pg_notify({Text(Channel)}, 'demand');
        END
        """));
}
