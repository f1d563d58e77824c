using System.Collections.Immutable;

namespace KisFeed.Coordination.Postgres;

/// <summary>
/// The statements that create and change the schema of a cluster. All changes of rows are functions with the rights of the schema's owner, one
/// transaction each, so that the programs of the cluster need no right to change a table.
/// </summary>
/// <param name="schema">The name of the schema.</param>
internal sealed partial class ClusterSql(string schema)
{
    /// <summary>The name, quoted.</summary>
    public string Quoted { get; } = $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>The channel of notifications.</summary>
    public string Channel => schema;

    /// <summary>The key of the lock that migrations take.</summary>
    public string Lock => $"hashtextextended({Text($"kisfeed cluster {schema}")}, 0)";

    /// <summary>The changes of tables of each version, from 1. A released one never changes. A function whose parameters or result change is dropped here.</summary>
    public ImmutableArray<string> Migrations => [Tables, LeaseRequests];

    /// <summary>The functions of the current version, which replace those of earlier ones.</summary>
    public string Functions => string.Join('\n', Clock, Uses, LeaseFunctions, EdgeFunctions, IngestFunctions, Rights);

    private string Tables => $"""
        CREATE TABLE {Quoted}.lease (
            app_key text COLLATE "C" PRIMARY KEY, environment text COLLATE "C" NOT NULL, holder text, epoch bigint NOT NULL DEFAULT 0,
            expires_at timestamptz NOT NULL, held_since timestamptz NOT NULL, places integer NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50);
        COMMENT ON TABLE {Quoted}.lease IS 'Which ingest may have a session of each app key';
        COMMENT ON COLUMN {Quoted}.lease.app_key IS 'The hash of the app key; the app key itself is stored nowhere';
        COMMENT ON COLUMN {Quoted}.lease.environment IS 'The service of the app key';
        COMMENT ON COLUMN {Quoted}.lease.holder IS 'The process that holds the lease or held it last; NULL after it was given back';
        COMMENT ON COLUMN {Quoted}.lease.epoch IS 'Increases by one with each change of holder';
        COMMENT ON COLUMN {Quoted}.lease.expires_at IS 'When another process may take the lease, by the clock of this server';
        COMMENT ON COLUMN {Quoted}.lease.held_since IS 'Since when the holder has held it without a break';
        COMMENT ON COLUMN {Quoted}.lease.places IS 'Keys that the holder can hold; 0 if its session does not work';
        CREATE TABLE {Quoted}.app_key_use (app_key text COLLATE "C" NOT NULL, kind "char" NOT NULL, used_at timestamptz NOT NULL, amount integer NOT NULL);
        CREATE INDEX app_key_use_key ON {Quoted}.app_key_use (app_key, kind, used_at);
        COMMENT ON TABLE {Quoted}.app_key_use IS 'What was used of the budgets of each app key within the last hour, over all holders; changed only under the lock of the row in lease';
        COMMENT ON COLUMN {Quoted}.app_key_use.kind IS 'a: connection attempts; r: new registrations';
        COMMENT ON COLUMN {Quoted}.app_key_use.amount IS 'How many at this time';
        CREATE TABLE {Quoted}.node (
            node text COLLATE "C" PRIMARY KEY, is_edge boolean NOT NULL, expires_at timestamptz NOT NULL, sequence bigint NOT NULL DEFAULT 0, lag interval
        ) WITH (fillfactor = 50);
        COMMENT ON TABLE {Quoted}.node IS 'The processes of the cluster';
        COMMENT ON COLUMN {Quoted}.node.node IS 'The name of the process, unique for each start';
        COMMENT ON COLUMN {Quoted}.node.is_edge IS 'Whether it is an edge; otherwise it is an ingest';
        COMMENT ON COLUMN {Quoted}.node.expires_at IS 'When it counts as gone, and what it wants with it';
        COMMENT ON COLUMN {Quoted}.node.sequence IS 'The number of the last request of an edge';
        COMMENT ON COLUMN {Quoted}.node.lag IS 'How far it is behind: an ingest with publishing, an edge with reading; NULL if it has not said it';
        CREATE TABLE {Quoted}.demand (
            node text COLLATE "C" NOT NULL REFERENCES {Quoted}.node ON DELETE CASCADE, environment text COLLATE "C" NOT NULL, tr_id text COLLATE "C" NOT NULL,
            key text COLLATE "C" NOT NULL, wanted_at timestamptz NOT NULL, PRIMARY KEY (environment, tr_id, key, node)
        );
        CREATE INDEX demand_node ON {Quoted}.demand (node);
        COMMENT ON TABLE {Quoted}.demand IS 'What the consumers of each edge want';
        COMMENT ON COLUMN {Quoted}.demand.wanted_at IS 'Since when';
        CREATE TABLE {Quoted}.placement (
            environment text COLLATE "C", tr_id text COLLATE "C", key text COLLATE "C", holder text COLLATE "C", holder_epoch bigint NOT NULL DEFAULT 0,
            key_epoch bigint NOT NULL DEFAULT 0, state text NOT NULL DEFAULT 'free' CHECK (state IN ('free', 'claimed', 'registered', 'releasing', 'refused')),
            code text NOT NULL DEFAULT '', text text NOT NULL DEFAULT '', changed_at timestamptz NOT NULL, claimed_at timestamptz, unwanted_since timestamptz,
            refused_until timestamptz, avoid text[] NOT NULL DEFAULT ARRAY[]::text[], avoid_until timestamptz, PRIMARY KEY (environment, tr_id, key)
        ) WITH (fillfactor = 70);
        CREATE INDEX placement_holder ON {Quoted}.placement (holder);
        COMMENT ON TABLE {Quoted}.placement IS 'Which app key holds each key. Rows are never deleted, so that key epochs never restart';
        COMMENT ON COLUMN {Quoted}.placement.holder IS 'The hash of the app key that holds it; NULL if none does';
        COMMENT ON COLUMN {Quoted}.placement.holder_epoch IS 'The epoch of the lease under which it was claimed';
        COMMENT ON COLUMN {Quoted}.placement.key_epoch IS 'Increases by one with each change of holder';
        COMMENT ON COLUMN {Quoted}.placement.state IS 'free; claimed: the holder is registering it; registered: the broker has acknowledged it; releasing: nobody wants it; refused: permanently';
        COMMENT ON COLUMN {Quoted}.placement.code IS 'The code with which the broker refused it';
        COMMENT ON COLUMN {Quoted}.placement.unwanted_since IS 'Since when its holder knows that nobody wants it';
        COMMENT ON COLUMN {Quoted}.placement.refused_until IS 'Until when a key that was refused permanently is not requested again';
        COMMENT ON COLUMN {Quoted}.placement.avoid IS 'App keys that could not register it';
        COMMENT ON COLUMN {Quoted}.placement.avoid_until IS 'Until when these app keys do not try it again';
        """;

    private string LeaseRequests => $"""
        ALTER TABLE {Quoted}.lease ADD COLUMN request bigint NOT NULL DEFAULT 0;
        COMMENT ON COLUMN {Quoted}.lease.request IS 'The number of the request with which the holder acquired it; earlier ones of the same holder that arrive late have no effect';
        DROP FUNCTION IF EXISTS {Quoted}.request_lease(text, text, text, bigint, interval, integer);
        """;

    // Who may execute the functions of an earlier version may execute the new ones.
    private string Rights => $"""
        DO $body$
        DECLARE
            v_role text;
        BEGIN
            FOR v_role IN
                SELECT DISTINCT a.grantee::regrole::text FROM pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
                WHERE p.pronamespace = {Text(Quoted)}::regnamespace AND a.privilege_type = 'EXECUTE' AND a.grantee <> 0 AND a.grantee <> p.proowner
            LOOP
                EXECUTE 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {Quoted} TO ' || v_role;
            END LOOP;
        END
        $body$;
        """;

    // One place for the time, so that tests can set it.
    private string Clock => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.clock() RETURNS timestamptz LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS 'SELECT clock_timestamp()';
        REVOKE ALL ON FUNCTION {Quoted}.clock() FROM PUBLIC;
        """;

    // How long until a budget allows one more use; 0 if it does now. The window is full until the oldest use that fills it has left it.
    private string Uses => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.uses_left(of_app_key text, of_kind "char", per_minute integer, per_hour integer, at timestamptz) RETURNS integer LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
            SELECT greatest(0, least(per_minute - coalesce(sum(amount) FILTER (WHERE used_at > at - interval '1 minute'), 0), per_hour - coalesce(sum(amount), 0)))::integer
            FROM {Quoted}.app_key_use WHERE app_key = of_app_key AND kind = of_kind AND used_at > at - interval '1 hour'
        $body$;
        REVOKE ALL ON FUNCTION {Quoted}.uses_left(text, "char", integer, integer, timestamptz) FROM PUBLIC;
        CREATE OR REPLACE FUNCTION {Quoted}.use_allowed_in(of_app_key text, of_kind "char", per_minute integer, per_hour integer, at timestamptz) RETURNS interval LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $body$
            WITH used AS (
                SELECT used_at, sum(amount) OVER (ORDER BY used_at DESC ROWS UNBOUNDED PRECEDING) AS since
                FROM {Quoted}.app_key_use WHERE app_key = of_app_key AND kind = of_kind AND used_at > at - interval '1 hour'
            )
            SELECT greatest(interval '0',
                (SELECT max(used_at) + interval '1 minute' - at FROM used WHERE since >= per_minute),
                (SELECT max(used_at) + interval '1 hour' - at FROM used WHERE since >= per_hour))
        $body$;
        REVOKE ALL ON FUNCTION {Quoted}.use_allowed_in(text, "char", integer, integer, timestamptz) FROM PUBLIC;
        CREATE OR REPLACE FUNCTION {Quoted}.record_use(of_app_key text, of_kind "char", count integer, at timestamptz) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $body$
            DELETE FROM {Quoted}.app_key_use WHERE app_key = of_app_key AND used_at <= at - interval '1 hour';
            INSERT INTO {Quoted}.app_key_use (app_key, kind, used_at, amount) SELECT of_app_key, of_kind, at, count WHERE count > 0
        $body$;
        REVOKE ALL ON FUNCTION {Quoted}.record_use(text, "char", integer, timestamptz) FROM PUBLIC;
        """;

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private string Function(string signature, string parameterTypes, string body) => $"""
        CREATE OR REPLACE FUNCTION {Quoted}.{signature} LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
        #variable_conflict use_column
        {body}
        $body$;
        REVOKE ALL ON FUNCTION {Quoted}.{parameterTypes} FROM PUBLIC;
        """;
}
