using KisFeed.Capture.Files;
using KisFeed.Capture.Following;
using KisFeed.PostgreSql.Rows;
using KisFeed.Wire;
using Microsoft.Extensions.Logging;

namespace KisFeed.PostgreSql.Storing;

/// <summary>
/// Reads a capture into batches, from the positions in the database. Does not use the database, so a batch can be read while another one is
/// stored. Not thread-safe, except for <see cref="SetCatalog"/>.
/// </summary>
internal sealed class BatchReader(PostgreSqlSinkOptions options, ILogger logger) : IDisposable
{
    private const int MaxFileText = 1 << 20;

    private readonly HashSet<string> _unknownFeeds = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unscaledFeeds = new(StringComparer.Ordinal);
    private readonly HashSet<string> _skipped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _last = new(StringComparer.Ordinal);
    private FeedCatalog _next = options.Catalog;
    private BatchEncoder? _encoder;
    private List<Checkpoint>? _unchecked; // Positions of files that may have been removed while no sink was running.
    private CaptureFollower? _follower;
    private string? _captureProblem;

    /// <summary>Whether <see cref="Begin"/> has set the positions.</summary>
    public bool HasBegun => _follower is not null;

    /// <summary>
    /// Whether an exception has interrupted <see cref="Fill"/>. What it has read is then read again after the next <see cref="Begin"/>.
    /// </summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>The feeds of the last batch.</summary>
    public FeedCatalog Catalog { get; private set; } = options.Catalog;

    public IReadOnlyCollection<FollowedFile> Files => _follower?.Files ?? [];

    /// <summary>The first day that is stored.</summary>
    public DateOnly FirstDay => options.KeepDays is { } days
        ? CaptureDays.Of(options.TimeProvider.GetUtcNow()).AddDays(1 - days)
        : DateOnly.MinValue;

    /// <summary>Why a part of the capture cannot be read; <see langword="null"/> if all of it can.</summary>
    public string? Problem
    {
        get
        {
            if (_captureProblem is not null)
                return _captureProblem;
            if (Files.FirstOrDefault(file => file.Problem is not null) is { } unreadable)
                return $"{unreadable.Name} cannot be read: {unreadable.Problem}";
            return _unknownFeeds.Count == 0 ? null : $"the files of {string.Join(", ", _unknownFeeds.Order(StringComparer.Ordinal))} are "
                + "not stored, because the feed is unknown: add a layout file to "
                + $"{nameof(PostgreSqlSinkOptions)}.{nameof(PostgreSqlSinkOptions.Catalog)}";
        }
    }

    private BatchEncoder Encoder => _encoder ??= new BatchEncoder(Catalog, options.Capture, options.Notices, _last);

    /// <summary>Uses another catalog from the next batch on.</summary>
    public void SetCatalog(FeedCatalog catalog) => Volatile.Write(ref _next, catalog);

    /// <summary>Begins to read where the database says.</summary>
    public void Begin(List<Checkpoint> stored)
    {
        var follower = new CaptureFollower(new CaptureFollowerOptions
        {
            Directory = Path.GetFullPath(options.Directory),
            AcceptsFeed = AcceptsFeed,
            AcceptsDay = day => day >= FirstDay,
            PollInterval = options.PollInterval,
            TimeProvider = options.TimeProvider,
        });
        foreach (var checkpoint in stored)
        {
            follower.SetPosition(checkpoint.File, checkpoint.Position, checkpoint.FirstAt);
            if (checkpoint.LastId is { } id
                && DateTimeOffset.UnixEpoch.AddTicks(id) is var at
                && !(_last.TryGetValue(checkpoint.Feed, out var last) && last > at))
            {
                _last[checkpoint.Feed] = at;
            }
        }

        IsInterrupted = false;
        _follower = follower;
        _unchecked = stored;
    }

    /// <summary>Forgets the positions.</summary>
    public void Reset()
    {
        _follower?.Dispose();
        _follower = null;
    }

    /// <summary>Reads into an empty batch until it is full or the capture has no more data.</summary>
    public void Fill(StoreBatch batch)
    {
        IsInterrupted = true;
        UseNextCatalog();
        if (Search(batch) && _unchecked is { } stored)
            AddRemoved(stored, batch);
        while (batch.TextLength < options.MaxBatchText && _follower!.Read(Math.Min(MaxFileText, options.MaxBatchText)) is { } items)
        {
            // A frame that was written after SetCatalog may have been read since the last look.
            if (batch.IsEmpty)
                UseNextCatalog();
            if (items.IsRestarted)
                SinkLog.Restarted(logger, items.File, items.From);
            Encoder.Encode(items, batch);
            _ = options.OnStep?.Invoke(SinkStep.Read);
        }

        batch.Complete();
        IsInterrupted = false;
    }

    /// <summary>Waits until there may be new data.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _follower!.WaitAsync(cancellationToken);

    public void Dispose() => Reset();

    private void UseNextCatalog()
    {
        if (Volatile.Read(ref _next) is var catalog && catalog == Catalog)
            return;
        Catalog = catalog;
        _encoder = null;
        _unknownFeeds.Clear();
    }

    private bool AcceptsFeed(string feed)
    {
        var isAccepted = Encoder.Accepts(feed);
        var isKnown = Catalog.TryFind(feed, out var known);
        if (isAccepted && known is { HasScaledPrices: true, PriceScales: null } && _unscaledFeeds.Add(feed))
            SinkLog.UnscaledPrices(logger, feed);
        if (!isAccepted && !isKnown && _unknownFeeds.Add(feed))
            SinkLog.UnknownFeed(logger, options.Directory, feed);
        return isAccepted;
    }

    private bool Search(StoreBatch batch)
    {
        try
        {
            foreach (var file in _follower!.Search())
            {
                SinkLog.Removed(logger, file.Name, file.Position);
                Encoder.EncodeRemoved(batch, file.Feed, file.Day, file.Name, file.Position, file.FirstAt);
            }

            foreach (var skipped in _follower.Skipped.Where(skipped => _skipped.Add(skipped.Path)))
                SinkLog.Skipped(logger, skipped.Path, skipped.Reason);
            _captureProblem = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_captureProblem != e.Message)
                SinkLog.Unreadable(logger, options.Directory, e.Message);
            _captureProblem = e.Message;
            return false;
        }
    }

    // The newest file of a feed was not stored completely, or later ones may have existed.
    private void AddRemoved(List<Checkpoint> stored, StoreBatch batch)
    {
        if (Files.Count == 0)
        {
            var isExpected = !stored.Any(checkpoint => CaptureDays.OfFile(checkpoint.File) >= FirstDay);
            _captureProblem = isExpected ? null : $"{options.Directory} is empty although it had files: its volume may not be mounted";
            return;
        }

        _unchecked = null;
        var files = Files.ToLookup(file => file.Feed, file => file.Name, StringComparer.Ordinal);
        foreach (var newest in stored.GroupBy(checkpoint => checkpoint.Feed, StringComparer.Ordinal)
            .Select(feed => feed.MaxBy(checkpoint => checkpoint.File, StringComparer.Ordinal)!))
        {
            var day = CaptureDays.OfFile(newest.File);
            if (day < FirstDay
                || !Encoder.Accepts(newest.Feed)
                || files[newest.Feed].Contains(newest.File, StringComparer.Ordinal)
                || (newest.IsClosed && !files[newest.Feed].Any()))
            {
                continue;
            }
            SinkLog.Removed(logger, newest.File, newest.Position);
            Encoder.EncodeRemoved(batch, newest.Feed, day, newest.File, newest.Position, newest.FirstAt);
        }
    }
}
