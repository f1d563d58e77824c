using System.Collections.Immutable;
using System.Globalization;

namespace KisFeed.PostgreSql.Tables;

/// <summary>
/// The statements that create and change a schema. Tables of records, their columns and their partitions are created by functions with the
/// rights of the schema's owner, so that the role that writes needs no right to change or drop anything.
/// </summary>
/// <param name="schema">The name of the schema.</param>
internal sealed class SchemaSql(string schema)
{
    /// <summary>The name, quoted.</summary>
    public string Quoted { get; } = Quote(schema);

    /// <summary>The statements of each version, from 1. A released one never changes.</summary>
    public ImmutableArray<string> Migrations =>
        [string.Join('\n', Tables, CreatePartition, DiscardParts, CreateRecordTable, AddColumns, CreateViews, DropPartitions)];

    private string Literal => Text(schema);

    // gap and malformed are identified by their place in the capture, records by their receive time. The blocks of capture_part are
    // compressed already.
    private string Tables => $"""
        CREATE TABLE {Quoted}.checkpoint (
            capture text, feed text NOT NULL, file text, position bigint NOT NULL, first_at timestamptz, last_id bigint,
                rows bigint NOT NULL,
            is_closed boolean NOT NULL, batch uuid NOT NULL, updated_at timestamptz NOT NULL, PRIMARY KEY (capture, file)
        ) WITH (fillfactor = 50);
        COMMENT ON TABLE {Quoted}.checkpoint IS 'How far each file of a capture has been stored';
        COMMENT ON COLUMN {Quoted}.checkpoint.capture IS 'The name of the capture';
        COMMENT ON COLUMN {Quoted}.checkpoint.file IS 'The path within the folder of the capture';
        COMMENT ON COLUMN {Quoted}.checkpoint.position IS 'The bytes of the file that have been stored';
        COMMENT ON COLUMN {Quoted}.checkpoint.first_at IS 'When the first line of the file was received';
        COMMENT ON COLUMN {Quoted}.checkpoint.last_id IS 'The greatest id stored from the file';
        COMMENT ON COLUMN {Quoted}.checkpoint.rows IS 'Records stored from the file';
        COMMENT ON COLUMN {Quoted}.checkpoint.is_closed IS 'Whether the recorder had closed the file at this position';
        COMMENT ON COLUMN {Quoted}.checkpoint.batch IS 'The last transaction that stored something from the file';
        CREATE TABLE {Quoted}.key_day (
            record_table text, feed text, key text, trading_day date, first_id bigint NOT NULL, last_id bigint NOT NULL,
                last_record smallint NOT NULL,
            PRIMARY KEY (record_table, feed, key, trading_day)
        ) WITH (fillfactor = 70);
        COMMENT ON TABLE {Quoted}.key_day IS 'The keys that have records, for each day';
        COMMENT ON COLUMN {Quoted}.key_day.first_id IS 'The id of the first record of the day';
        COMMENT ON COLUMN {Quoted}.key_day.last_id IS 'The id of the last record of the day';
        COMMENT ON COLUMN {Quoted}.key_day.last_record IS 'The number of the last record in its frame';
        CREATE TABLE {Quoted}.gap (
            trading_day date, feed text NOT NULL, key text NOT NULL, event text NOT NULL, reason text, since timestamptz, until timestamptz,
                frames bigint,
            text text, file text, position bigint, line integer, PRIMARY KEY (trading_day, file, position, line)
        ) PARTITION BY RANGE (trading_day);
        COMMENT ON TABLE {Quoted}.gap IS 'Times in which data may be missing';
        COMMENT ON COLUMN {Quoted}.gap.key IS 'The key; empty for all keys of the feed';
        COMMENT ON COLUMN {Quoted}.gap.event IS 'gap; interrupted: the beginning of a gap whose end is in its own row; start: a recorder '
            'started; damage: a file is damaged; removed: a file was removed before it was stored';
        COMMENT ON COLUMN {Quoted}.gap.reason IS 'Why data are missing';
        COMMENT ON COLUMN {Quoted}.gap.since IS 'The last frame before the gap';
        COMMENT ON COLUMN {Quoted}.gap.until IS 'The first frame after the gap';
        COMMENT ON COLUMN {Quoted}.gap.frames IS 'Frames that the recorder dropped, if known';
        COMMENT ON COLUMN {Quoted}.gap.file IS 'Where it is in the capture: the file';
        COMMENT ON COLUMN {Quoted}.gap.position IS 'The offset of the block in the file';
        COMMENT ON COLUMN {Quoted}.gap.line IS 'The number of the line in the block, from 0';
        CREATE TABLE {Quoted}.malformed (
            trading_day date, feed text NOT NULL, received_at timestamptz, id bigint, kind text NOT NULL, text text NOT NULL, raw bytea,
            file text, position bigint, line integer, record integer, PRIMARY KEY (trading_day, file, position, line, record)
        ) PARTITION BY RANGE (trading_day);
        COMMENT ON TABLE {Quoted}.malformed IS 'Frames, records and parts of files that cannot be read';
        COMMENT ON COLUMN {Quoted}.malformed.kind IS 'What is wrong';
        COMMENT ON COLUMN {Quoted}.malformed.text IS 'A description, without data';
        COMMENT ON COLUMN {Quoted}.malformed.raw IS 'The frame or record as received; NULL if it may be an order notice and those are not '
            'stored';
        COMMENT ON COLUMN {Quoted}.malformed.file IS 'Where it is in the capture: the file';
        COMMENT ON COLUMN {Quoted}.malformed.position IS 'The offset of the block in the file';
        COMMENT ON COLUMN {Quoted}.malformed.line IS 'The number of the line in the block, from 0';
        COMMENT ON COLUMN {Quoted}.malformed.record IS 'The number of the record in its frame, from 1; 0 for a whole frame';
        CREATE TABLE {Quoted}.capture_part (
            trading_day date, capture text, file text, position bigint, first_id bigint, bytes bytea NOT NULL, PRIMARY KEY (trading_day,
                capture, file, position)
        ) PARTITION BY RANGE (trading_day);
        ALTER TABLE {Quoted}.capture_part ALTER COLUMN bytes SET STORAGE EXTERNAL;
        COMMENT ON TABLE {Quoted}.capture_part IS 'The files of a capture, byte for byte, in parts that begin with a line';
        COMMENT ON COLUMN {Quoted}.capture_part.trading_day IS 'The day of the folder of the file';
        COMMENT ON COLUMN {Quoted}.capture_part.position IS 'The offset in the file';
        COMMENT ON COLUMN {Quoted}.capture_part.first_id IS 'The receive time of the first line, in units of 100 ns since 1970 (UTC)';
        COMMENT ON COLUMN {Quoted}.capture_part.bytes IS 'Blocks of gzip, as in the file';
        """;

    private string DiscardParts => Function("discard_parts(capture text, file text)", $"""
        BEGIN
            DELETE FROM {Quoted}.capture_part p WHERE p.trading_day = left($2, 10)::date AND p.capture = $1 AND p.file = $2;
        END
        """);

    // A table that is created as a partition would lock its parent against all readers; one that is attached does not.
    private string CreatePartition => Function("create_partition(parent text, day date)", $"""
        DECLARE
            child text := parent || to_char(day, '"_"YYYYMMDD');
        BEGIN
            IF to_regclass(format('%I.%I', {Literal}, child)) IS NOT NULL THEN
                RETURN;
            END IF;
            PERFORM pg_advisory_xact_lock({Lock});
            IF to_regclass(format('%I.%I', {Literal}, child)) IS NOT NULL THEN
                RETURN;
            END IF;
            EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%I INCLUDING ALL EXCLUDING COMMENTS)', {Literal}, child, {Literal}, parent);
            EXECUTE format('ALTER TABLE %I.%I ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', {Literal}, parent, {Literal}, child,
                day, day + 1);
        END
        """);

    // One index serves all: it makes a record unique, and finds the records of a key on a day in order.
    private string CreateRecordTable => Function("create_record_table(name text, comment text)", $"""
        BEGIN
            IF name !~ '^[a-z][a-z0-9_]*$' THEN
                RAISE EXCEPTION '% is not a valid name of a table of records', name;
            END IF;
            PERFORM pg_advisory_xact_lock({Lock});
            IF to_regclass(format('%I.%I', {Literal}, name)) IS NOT NULL THEN
                RETURN;
            END IF;
            EXECUTE format('CREATE TABLE %I.%I (id bigint, received_at timestamptz NOT NULL, trading_day date, record smallint, feed text, '
                'key text, extra text[], PRIMARY KEY (feed, key, id, record, trading_day)) PARTITION BY RANGE (trading_day)', {Literal},
                name);
            EXECUTE format('COMMENT ON TABLE %I.%I IS %L', {Literal}, name, comment);
            EXECUTE format('COMMENT ON COLUMN %I.%I.id IS %L', {Literal}, name,
                'When the frame was received, in units of 100 ns since 1970 (UTC); identifies the frame');
            EXECUTE format('COMMENT ON COLUMN %I.%I.received_at IS %L', {Literal}, name, 'When the frame was received');
            EXECUTE format('COMMENT ON COLUMN %I.%I.trading_day IS %L', {Literal}, name,
                'The day of receipt in Korea; selects the partition');
            EXECUTE format('COMMENT ON COLUMN %I.%I.record IS %L', {Literal}, name, 'The number of the record in its frame, from 1');
            EXECUTE format('COMMENT ON COLUMN %I.%I.feed IS %L', {Literal}, name, 'The TR ID');
            EXECUTE format('COMMENT ON COLUMN %I.%I.key IS %L', {Literal}, name,
                'The key within the feed (tr_key), e.g. the code of the stock');
            EXECUTE format('COMMENT ON COLUMN %I.%I.extra IS %L', {Literal}, name,
                'Columns that the broker has appended and that have no name yet');
        END
        """);

    private string AddColumns => Function("add_columns(name text, names text[], types text[], comments text[])", $"""
        DECLARE
            additions text := '';
        BEGIN
            PERFORM pg_advisory_xact_lock({Lock});
            FOR i IN 1 .. cardinality(names) LOOP
                IF types[i] !~ '^(bigint|numeric|text|date|time without time zone|timestamp with time zone)(\[\])?$' THEN
                    RAISE EXCEPTION '% is not a type of a column of records', types[i];
                END IF;
                additions := additions
                    || format('%sADD COLUMN IF NOT EXISTS %I %s', CASE WHEN i > 1 THEN ', ' ELSE '' END, names[i], types[i]);
            END LOOP;
            EXECUTE format('ALTER TABLE %I.%I %s', {Literal}, name, additions);
            FOR i IN 1 .. cardinality(names) LOOP
                EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', {Literal}, name, names[i], comments[i]);
            END LOOP;
        END
        """);

    // OFFSET 0 makes PostgreSQL look up each key with the index. The columns of key_day come from it, so that conditions on the day, the
    // feed and the key select what is looked up.
    private string CreateViews => Function("create_views(name text, price text, volume text, turnover text)", $"""
        DECLARE
            base text := format('%I.%I', {Literal}, name);
            found text := format('(SELECT * FROM %s t WHERE t.trading_day = k.trading_day AND t.feed = k.feed AND t.key = k.key AND t.id = '
                'k.last_id AND t.record = k.last_record OFFSET 0) r', base);
            names text;
        BEGIN
            PERFORM pg_advisory_xact_lock({Lock});
            SELECT string_agg(format('%s.%I', CASE WHEN a.attname IN ('trading_day', 'feed', 'key') THEN 'k' ELSE 'r' END, a.attname), ', '
                ORDER BY a.attnum) INTO names
                FROM pg_attribute a WHERE a.attrelid = base::regclass AND a.attnum > 0 AND NOT a.attisdropped;
            EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS SELECT %s FROM {Quoted}.key_day k CROSS JOIN LATERAL %s WHERE k.record_table = '
                '%L', {Literal}, name || '_daily', names, found, name);
            EXECUTE format('COMMENT ON VIEW %I.%I IS %L', {Literal}, name || '_daily', 'The last record of each key on each day');
            EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS SELECT %s FROM (SELECT DISTINCT ON (feed, key) * FROM {Quoted}.key_day WHERE '
                'record_table = %L ORDER BY feed, key, trading_day DESC) k CROSS JOIN LATERAL %s', {Literal}, name || '_last', names, name,
                found);
            EXECUTE format('COMMENT ON VIEW %I.%I IS %L', {Literal}, name || '_last', 'The last record of each key');
            IF price IS NULL OR volume IS NULL THEN
                RETURN;
            END IF;
            EXECUTE format('CREATE OR REPLACE VIEW %I.%I AS SELECT trading_day, feed, key, '
                'date_trunc(''minute'', exchange_time AT TIME ZONE ''Asia/Seoul'') AS minute, '
                '(array_agg(%I ORDER BY id, record) FILTER (WHERE %I IS NOT NULL))[1] AS open, max(%I) AS high, min(%I) AS low, '
                '(array_agg(%I ORDER BY id DESC, record DESC) FILTER (WHERE %I IS NOT NULL))[1] AS close, '
                'sum(%I) AS volume, %s AS turnover, count(*) AS trades FROM %s t '
                'WHERE exchange_time IS NOT NULL GROUP BY trading_day, feed, key, 4',
                {Literal}, name || '_minute', price, price, price, price, price, price, volume,
                CASE WHEN turnover IS NULL THEN 'NULL::numeric' ELSE format('sum(%I)', turnover) END, base);
            EXECUTE format('COMMENT ON VIEW %I.%I IS %L', {Literal}, name || '_minute', 'Bars of a minute, by exchange time');
        END
        """);

    // With the caller's rights: only the owner may drop anything.
    private string DropPartitions => $"""
        CREATE FUNCTION {Quoted}.drop_partitions(before date) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
            AS $body$
        DECLARE
            child record;
            dropped integer := 0;
        BEGIN
            FOR child IN
                SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
                WHERE p.relnamespace = {Literal}::regnamespace AND c.relnamespace = p.relnamespace AND p.relkind = 'p' AND c.relkind = 'r'
                    AND c.relname ~ '_[0-9]{"{8}"}$' AND to_date(right(c.relname, 8), 'YYYYMMDD') < before
                ORDER BY right(c.relname, 8), c.relname
            LOOP
                EXECUTE format('DROP TABLE %I.%I', {Literal}, child.relname);
                dropped := dropped + 1;
            END LOOP;
            DELETE FROM {Quoted}.key_day WHERE trading_day < before;
            RETURN dropped;
        END
        $body$;
        """;

    /// <summary>The key of the lock that migrations and changes of tables take.</summary>
    public string Lock => $"hashtextextended({Text($"kisfeed schema {schema}")}, 0)";

    /// <summary>A name, quoted.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text literal.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private string Function(string signature, string body) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE OR REPLACE FUNCTION {Quoted}.{signature} RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
            AS $body$
        {body}
        $body$;
        REVOKE ALL ON FUNCTION {Quoted}.{signature} FROM PUBLIC;
        """);
}
