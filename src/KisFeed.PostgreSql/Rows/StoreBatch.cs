using System.Runtime.InteropServices;
using KisFeed.Capture.Following;
using KisFeed.PostgreSql.Tables;

namespace KisFeed.PostgreSql.Rows;

/// <summary>What one transaction stores: rows of any number of tables, and the positions in the capture before and after them.</summary>
internal sealed class StoreBatch
{
    private readonly Dictionary<string, TableRows> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileMove> _moves = new(StringComparer.Ordinal);
    private readonly HashSet<(string Table, DateOnly Day)> _partitions = [];
    private readonly Dictionary<StoredKey, (long First, long Last, short Record)> _keys = [];

    /// <summary>Identifies the transaction, to find out whether one whose connection was lost has been committed.</summary>
    public Guid Id { get; private set; } = Guid.NewGuid();

    public bool IsEmpty => _moves.Count == 0;

    /// <summary>Whether it was read to its end, rather than an exception having interrupted it.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Tables with rows.</summary>
    public IEnumerable<TableRows> Tables => _tables.Values.Where(table => table.Rows.Count > 0);

    public IReadOnlyCollection<FileMove> Moves => _moves.Values;

    /// <summary>The partitions that the rows need.</summary>
    public IReadOnlyCollection<(string Table, DateOnly Day)> Partitions => _partitions;

    /// <summary>The first and the last record of each key and day.</summary>
    public IReadOnlyDictionary<StoredKey, (long First, long Last, short Record)> Keys => _keys;

    /// <summary>The length of the text that was encoded.</summary>
    public long TextLength { get; private set; }

    /// <summary>Rows of records, of the tables of feeds.</summary>
    public int Records => Tables.Where(table => table.Table is not null).Sum(table => table.Rows.Count);

    /// <summary>The rows of a table of records.</summary>
    public CopyRows RowsOf(FeedTable table) => TableOf(table.Name, table).Rows;

    /// <summary>The rows of another table.</summary>
    public CopyRows RowsOf(string table) => TableOf(table, null).Rows;

    public void AddPartition(string table, DateOnly day) => _partitions.Add((table, day));

    public void AddKey(in StoredKey key, long id, short record)
    {
        ref var span = ref CollectionsMarshal.GetValueRefOrAddDefault(_keys, key, out var exists);
        if (!exists)
        {
            span = (id, id, record);
        }
        else
        {
            span = (Math.Min(span.First, id), Math.Max(span.Last, id),
                (id, record).CompareTo((span.Last, span.Record)) > 0 ? record : span.Record);
        }
    }

    /// <summary>Moves the position of a file by the items of a batch.</summary>
    public void Move(FollowedBatch batch, int records, long? lastId)
    {
        TextLength += batch.TextLength;
        _moves[batch.File] = _moves.TryGetValue(batch.File, out var move)
            ? move with { To = batch.To, IsClosed = batch.IsClosed, Records = move.Records + records, LastId = Max(move.LastId, lastId) }
            : new FileMove(batch.Feed, batch.File, batch.From, batch.To)
            {
                FirstAt = batch.FirstAt,
                IsClosed = batch.IsClosed,
                Records = records,
                LastId = lastId,
                IsRestarted = batch.IsRestarted,
            };
    }

    /// <summary>Closes a file that was removed.</summary>
    public void Close(string feed, string file, long position, DateTimeOffset? firstAt) =>
        _moves.TryAdd(file, new FileMove(feed, file, position, position) { FirstAt = firstAt, IsClosed = true });

    public void Complete() => IsComplete = true;

    public void Clear()
    {
        IsComplete = false;
        foreach (var table in _tables.Values)
            table.Rows.Clear();
        _moves.Clear();
        _partitions.Clear();
        _keys.Clear();
        TextLength = 0;
        Id = Guid.NewGuid();
    }

    private static long? Max(long? a, long? b) => a > b || b is null ? a : b;

    private TableRows TableOf(string name, FeedTable? table)
    {
        // A new catalog may have given the table more columns.
        if (!_tables.TryGetValue(name, out var rows) || (rows.Table != table && rows.Rows.Count == 0))
            _tables[name] = rows = new TableRows(name, table, new CopyRows());
        return rows.Table == table ? rows : throw new InvalidOperationException($"the columns of {name} changed within a batch");
    }
}

/// <summary>Rows of one table.</summary>
/// <param name="Name">The table.</param>
/// <param name="Table">Its columns if it is one of records; otherwise <see langword="null"/>.</param>
/// <param name="Rows">The rows.</param>
internal sealed record TableRows(string Name, FeedTable? Table, CopyRows Rows);

/// <summary>The part of a file that a transaction stores.</summary>
/// <param name="Feed">The TR ID in its name.</param>
/// <param name="File">The path within the folder of the capture.</param>
/// <param name="From">The position before.</param>
/// <param name="To">The position after.</param>
internal sealed record FileMove(string Feed, string File, long From, long To)
{
    public DateTimeOffset? FirstAt { get; init; }

    public bool IsClosed { get; init; }

    /// <summary>Whether the file is read again from its beginning.</summary>
    public bool IsRestarted { get; init; }

    public int Records { get; init; }

    public long? LastId { get; init; }
}

/// <summary>A key that a table has records of on a day.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StoredKey(string Table, string Feed, string Key, DateOnly Day)
{
    // Once for each record, so without the names, which hardly differ.
    public override int GetHashCode() => HashCode.Combine(Key, Day);
}
