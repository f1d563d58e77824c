namespace KisFeed.Coordination.Postgres;

// The function with which an ingest reports, releases and claims keys.
internal sealed partial class ClusterSql
{
    private const string Retirement = "interval '7 days'";

    private const string IsWanted = "EXISTS (SELECT FROM {0}.demand d WHERE d.environment = p.environment AND d.tr_id = p.tr_id AND d.key = p.key)";

    // Whether an ingest with another app key may take a key, if it is wanted. Not by a join with the leases, which would read the keys of all of them each time.
    private const string IsOpen = "(p.holder IS NULL AND (p.state <> 'refused' OR p.refused_until <= v_now) OR p.holder = ANY (v_lapsed))";

    private const string Freed = "holder = NULL, holder_epoch = 0, state = 'free', code = '', text = '', changed_at = v_now, unwanted_since = NULL";

    private const string Taken = "holder = p_app_key, holder_epoch = p_epoch, key_epoch = p.key_epoch + 1, state = 'claimed', code = '', text = '', claimed_at = v_now, changed_at = v_now, unwanted_since = NULL";

    private const string UnplacedSince = "greatest((SELECT min(d.wanted_at) FROM {0}.demand d WHERE d.environment = p.environment AND d.tr_id = p.tr_id AND d.key = p.key), CASE WHEN p.holder IS NULL THEN p.changed_at ELSE l.expires_at + p_takeover_delay END)";

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
                WHERE l.expires_at <= v_now - {Retirement} AND NOT EXISTS (SELECT FROM {Quoted}.placement p WHERE p.holder = l.app_key) FOR UPDATE OF l SKIP LOCKED
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
                WHEN 'failed' THEN CASE WHEN p.avoid_until > v_now THEN array_append(array_remove(p.avoid, p_app_key), p_app_key) ELSE ARRAY[p_app_key] END
                ELSE p.avoid END,
            avoid_until = CASE r.kind WHEN 'failed' THEN v_now + p_retry_delay ELSE p.avoid_until END
        FROM unnest(p_environments, p_tr_ids, p_keys, p_key_epochs, p_kinds, p_codes, p_texts) AS r (environment, tr_id, key, key_epoch, kind, code, text)
        WHERE p.environment = r.environment AND p.tr_id = r.tr_id AND p.key = r.key AND p.holder = p_app_key AND p.holder_epoch = p_epoch AND p.key_epoch = r.key_epoch
            AND (r.kind = 'registered' AND p.state = 'claimed' OR r.kind = 'released' AND p.state = 'releasing' OR r.kind IN ('failed', 'refused'));
        v_is_changed := FOUND;
        """;

    // The app keys with the fewest keys are filled first, up to the same level, as far as each has places. What remains goes to the first by name, one each.
    private string FairShare => $"""
        WITH live AS MATERIALIZED (
            SELECT l.app_key, l.places, (SELECT count(*) FROM {Quoted}.placement p WHERE p.holder = l.app_key)::integer AS load
            FROM {Quoted}.lease l WHERE l.environment = v_lease.environment AND l.holder IS NOT NULL AND l.expires_at > v_now AND l.places > 0
        ), filled AS (
            SELECT level, (SELECT sum(greatest(load, least(places, level))) FROM live) AS load FROM generate_series(0, (SELECT max(places) FROM live)) AS level
        ), highest AS (
            SELECT level, (SELECT sum(load) + v_open FROM live) - load AS rest FROM filled WHERE load <= (SELECT sum(load) + v_open FROM live) OR level = 0 ORDER BY level DESC LIMIT 1
        )
        SELECT greatest(mine.load, least(mine.places, level))
            + CASE WHEN mine.load <= level AND level < mine.places AND (SELECT count(*) FROM live WHERE load <= level AND level < places AND app_key < p_app_key) < rest THEN 1 ELSE 0 END
            - mine.load
        INTO v_share FROM highest, live AS mine WHERE mine.app_key = p_app_key;
        """;

    // Locks the row of its lease, then rows of keys that it holds, and takes others only if nobody else has locked them. So ingests never wait for each other in a circle.
    private string IngestFunctions => string.Join('\n', Function(
        "sync_ingest(p_app_key text, p_holder text, p_epoch bigint, p_places integer, p_environments text[], p_tr_ids text[], p_keys text[], p_key_epochs bigint[], p_kinds text[], p_codes text[], p_texts text[], p_grace interval, p_minimum_hold interval, p_takeover_delay interval, p_fair_delay interval, p_refusal_memory interval, p_retry_delay interval, p_per_minute integer, p_per_hour integer) RETURNS boolean",
        "sync_ingest(text, text, bigint, integer, text[], text[], text[], bigint[], text[], text[], text[], interval, interval, interval, interval, interval, interval, integer, integer)",
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
            UPDATE {Quoted}.lease SET places = p_places WHERE app_key = p_app_key AND places <> p_places;
            DELETE FROM {Quoted}.node WHERE node IN (SELECT node FROM {Quoted}.node WHERE expires_at <= v_now FOR UPDATE SKIP LOCKED);
            {RemoveRetired}
            {Reports}

            -- App keys whose holders have been gone for so long that others may take their keys.
            v_lapsed := ARRAY(SELECT l.app_key FROM {Quoted}.lease l WHERE l.app_key <> p_app_key AND l.expires_at + p_takeover_delay <= v_now);

            -- The keys of an earlier holder of the same app key.
            UPDATE {Quoted}.placement p SET {Taken} WHERE p.holder = p_app_key AND p.holder_epoch <> p_epoch AND {Wanted};
            UPDATE {Quoted}.placement p SET {Freed} WHERE p.holder = p_app_key AND p.holder_epoch <> p_epoch;
            WITH c AS MATERIALIZED (
                SELECT p.environment, p.tr_id, p.key FROM {Quoted}.placement p WHERE p.holder = ANY (v_lapsed) AND NOT {Wanted} FOR UPDATE OF p SKIP LOCKED
            )
            UPDATE {Quoted}.placement p SET {Freed} FROM c WHERE p.environment = c.environment AND p.tr_id = c.tr_id AND p.key = c.key;

            -- Keys that nobody wants: after the grace period, or earlier if others need their places.
            SELECT count(*) INTO v_open FROM {Quoted}.placement p WHERE p.environment = v_lease.environment AND {IsOpen} AND {Wanted};
            IF v_open > 0 THEN
                SELECT v_open - {Quoted}.free_places(v_lease.environment, v_now) - count(*) INTO v_needed FROM {Quoted}.placement p JOIN {Quoted}.lease l ON l.app_key = p.holder
                    WHERE p.environment = v_lease.environment AND p.state = 'releasing' AND l.holder IS NOT NULL AND l.expires_at > v_now AND l.places > 0;
            END IF;
            UPDATE {Quoted}.placement p SET unwanted_since = CASE WHEN p.unwanted_since IS NULL THEN v_now END WHERE p.holder = p_app_key AND {Wanted} = (p.unwanted_since IS NOT NULL);
            FOR v_key IN
                SELECT * FROM {Quoted}.placement p WHERE p.holder = p_app_key AND p.unwanted_since IS NOT NULL AND p.state <> 'releasing' ORDER BY p.unwanted_since, p.environment, p.tr_id, p.key
            LOOP
                CONTINUE WHEN v_key.claimed_at + p_minimum_hold > v_now OR v_key.unwanted_since + p_grace > v_now AND v_needed <= 0;
                UPDATE {Quoted}.placement SET state = 'releasing', changed_at = v_now WHERE environment = v_key.environment AND tr_id = v_key.tr_id AND key = v_key.key;
                v_needed := v_needed - 1;
            END LOOP;

            -- Keys that somebody wants and nobody holds.
            SELECT least(p_places - count(*), {Quoted}.uses_left(p_app_key, 'r', p_per_minute, p_per_hour, v_now)) INTO v_left FROM {Quoted}.placement WHERE holder = p_app_key;
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
        "held_keys(p_app_key text, p_holder text, p_epoch bigint) RETURNS TABLE (environment text, tr_id text, key text, key_epoch bigint, state text)",
        "held_keys(text, text, bigint)",
        $"""
        BEGIN
            RETURN QUERY
                SELECT p.environment, p.tr_id, p.key, p.key_epoch, p.state FROM {Quoted}.placement p JOIN {Quoted}.lease l ON l.app_key = p.holder
                WHERE p.holder = p_app_key AND p.holder_epoch = p_epoch AND l.holder = p_holder AND l.epoch = p_epoch ORDER BY p.environment, p.tr_id, p.key;
        END
        """));
}
