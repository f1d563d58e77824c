using KisFeed.Capture;
using KisFeed.Capture.Following;
using KisFeed.PostgreSql.Rows;

namespace KisFeed.PostgreSql.Storing;

/// <summary>What a sink has stored, and what hinders it. Written by the sink, read by anyone.</summary>
internal sealed class SinkProgress(TimeProvider time)
{
    private readonly Dictionary<string, (long Records, long? LastId)> _feeds = new(StringComparer.Ordinal);
    private RecordingSinkStatus _status = new();

    public RecordingSinkStatus Status => Volatile.Read(ref _status);

    /// <summary>Sets what earlier sinks have stored.</summary>
    public void Set(IEnumerable<Checkpoint> checkpoints)
    {
        _feeds.Clear();
        foreach (var checkpoint in checkpoints)
            Add(checkpoint.Feed, checkpoint.Rows, checkpoint.LastId);
    }

    public void OnCommitted(StoreBatch batch, long duplicates)
    {
        foreach (var move in batch.Moves)
            Add(move.Feed, move.Records, move.LastId);
        var malformed = batch.Tables.Where(table => table.Name == BatchEncoder.MalformedTable).Sum(table => table.Rows.Count);
        var status = _status;
        Volatile.Write(ref _status, status with
        {
            Records = status.Records + batch.Records,
            Malformed = status.Malformed + malformed,
            Duplicates = status.Duplicates + duplicates,
            Transactions = status.Transactions + 1,
            LastStoredAt = time.GetUtcNow(),
        });
    }

    public void OnFailed() => Volatile.Write(ref _status, _status with { Failures = _status.Failures + 1 });

    /// <summary>Updates the lag and the problem.</summary>
    /// <param name="files">The files of the capture.</param>
    /// <param name="read">The parts of them that have been read and are not stored yet.</param>
    /// <param name="problem">The problem and its summary; <see langword="null"/> if there is none.</param>
    public void Update(IEnumerable<FollowedFile> files, IEnumerable<FileMove> read, (string Text, string Summary)? problem)
    {
        var lags = _feeds.Keys.ToDictionary(feed => feed, _ => 0L, StringComparer.Ordinal);
        foreach (var file in files)
            lags[file.Feed] = lags.GetValueOrDefault(file.Feed) + file.Lag;
        foreach (var move in read)
            lags[move.Feed] = lags.GetValueOrDefault(move.Feed) + Math.Max(0, move.To - move.From);
        var now = time.GetUtcNow();
        Volatile.Write(ref _status, _status with
        {
            Feeds = [.. lags.OrderBy(lag => lag.Key, StringComparer.Ordinal).Select(lag => StatusOf(lag.Key, lag.Value, now))],
            Problem = problem?.Text,
            ProblemSummary = problem?.Summary,
            ProblemSince = problem is null ? null : _status.ProblemSince ?? now,
        });
    }

    public void End() => Volatile.Write(ref _status, _status with { HasEnded = true });

    private StoredFeedStatus StatusOf(string feed, long lag, DateTimeOffset now)
    {
        var (records, lastId) = _feeds.GetValueOrDefault(feed);
        var status = new StoredFeedStatus(feed) { Records = records, LastId = lastId, LagBytes = lag };
        return lag > 0 && status.LastAt is { } last && last < now ? status with { Lag = now - last } : status;
    }

    private void Add(string feed, long records, long? lastId)
    {
        var (before, last) = _feeds.GetValueOrDefault(feed);
        _feeds[feed] = (before + records, last > lastId || lastId is null ? last : lastId);
    }
}
