using KisFeed.Capture.Files;

namespace KisFeed.Capture.Following;

/// <summary>
/// Reads a capture folder while a recorder writes to it, each file from a position that survives restarts. The files of a feed are read in
/// order, the days of all feeds too, so that a reader that is far behind stores one day after the other. Each file has its own position:
/// after a clock was set back, an earlier file may grow again. Not thread-safe.
/// </summary>
internal sealed class CaptureFollower : IDisposable
{
    // Between full searches, only the newest days are searched: a recorder writes to no others, unless a clock was set back.
    private static readonly TimeSpan s_fullInterval = TimeSpan.FromMinutes(1);

    private readonly CaptureFollowerOptions _options;
    private readonly GrowingFileReader _reader;
    private readonly Dictionary<string, FollowedFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<FollowedFile>> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Position, DateTimeOffset? FirstAt)> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<FileIdentity, string> _identities = [];
    private readonly Dictionary<string, SkippedPath> _skipped = new(StringComparer.Ordinal);
    private List<string> _feeds = [];
    private int _next;
    private long? _searchedAt;
    private DateOnly _newest = DateOnly.MinValue;

    public CaptureFollower(CaptureFollowerOptions options)
    {
        _options = options;
        _reader = new GrowingFileReader(options.MaxLineBytes);
    }

    public IReadOnlyCollection<FollowedFile> Files => _files.Values;

    /// <summary>The links and the other names of files that the last full search found, and that are not read.</summary>
    public IReadOnlyCollection<SkippedPath> Skipped => _skipped.Values;

    /// <summary>Sets the position from which a file is read. Call it before the first search.</summary>
    public void SetPosition(string name, long position, DateTimeOffset? firstAt) => _stored[name] = (position, firstAt);

    /// <summary>Searches the folder for new files and new data.</summary>
    /// <returns>The files that were removed, although they had not been read completely.</returns>
    /// <exception cref="IOException">The folder cannot be searched, or it is empty although there were files, as when its
    /// volume is not mounted.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be searched.</exception>
    public IReadOnlyList<FollowedFile> Search()
    {
        var isFull = _searchedAt is not { } before || _options.TimeProvider.GetElapsedTime(before) >= s_fullInterval;
        var days = CaptureDays.FoldersIn(_options.Directory).Select(day => day.Day).Where(_options.AcceptsDay).ToList();
        var newest = days.Count > 0 ? days.Max() : _newest;
        var since = isFull || newest != _newest || newest == DateOnly.MinValue ? DateOnly.MinValue : newest.AddDays(-1);
        if (isFull)
            FindLinks();
        var found = DatedFile.In(_options.Directory, day => day >= since && _options.AcceptsDay(day))
            .Where(file => _options.AcceptsFeed(file.Feed)).Order().Where(IsOnlyName).ToList();
        if (found.Count == 0 && _files.Values.Any(file => file.Day >= since && _options.AcceptsDay(file.Day)))
            throw new IOException($"{_options.Directory} is empty although it had files: its volume may not be mounted");

        var changed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in found)
        {
            if (Update(file, isFull))
                changed.Add(file.Feed);
        }

        foreach (var feed in changed)
            Order(_series[feed]);
        var names = found.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        var removed = _files.Values.Where(file => file.Day >= since && !names.Contains(file.Name)).ToList();
        foreach (var file in removed)
            Remove(file);
        if (isFull)
            _searchedAt = _options.TimeProvider.GetTimestamp();
        _newest = newest;
        return [.. removed.Where(file => file.Lag > 0 && _options.AcceptsDay(file.Day))];
    }

    /// <summary>
    /// Reads the next batch of any feed, valid until the next read; <see langword="null"/> if there is no new data. Each feed has its turn.
    /// </summary>
    /// <param name="maxText">The length of text after which the batch ends, at the next position where no line is open.</param>
    public FollowedBatch? Read(int maxText)
    {
        while (NextFile() is { } file)
        {
            try
            {
                var batch = _reader.Read(file, maxText);
                file.Problem = null;
                if (batch is not null)
                    return batch;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Other feeds go on. If the file was removed, the next search reports it.
                file.StalledAt = file.Length;
                file.Problem = e.Message;
            }
        }

        return null;
    }

    /// <summary>Waits until the folder should be searched again.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) =>
        Task.Delay(_options.PollInterval, _options.TimeProvider, cancellationToken);

    public void Dispose() => _reader.Dispose();

    private void FindLinks()
    {
        _skipped.Clear();
        foreach (var link in DatedFile.LinksIn(_options.Directory))
            _skipped[link.Path] = link;
    }

    // A name is asked for its file only when it appears, or after another name of the same file.
    private bool IsOnlyName(DatedFile file)
    {
        if (_files.ContainsKey(file.Name) || FileIdentity.Of(file.Path) is not { } identity)
            return true;
        if (_identities.TryGetValue(identity, out var other) && other != file.Path && FileIdentity.Of(other) == identity)
        {
            _skipped[file.Path] = new SkippedPath(file.Path, $"is the same file as {other}");
            return false;
        }

        _identities[identity] = file.Path;
        return true;
    }

    private FollowedFile? NextFile()
    {
        DateOnly? day = null;
        foreach (var series in _series.Values)
        {
            if (series.Find(file => file.IsReadable) is { } file && (day is null || file.Day < day))
                day = file.Day;
        }

        for (var i = 0; i < _feeds.Count && day is not null; i++)
        {
            _next = (_next + 1) % _feeds.Count;
            if (_series[_feeds[_next]].Find(file => file.IsReadable) is { } file && file.Day == day)
                return file;
        }

        return null;
    }

    // Returns whether the file is new.
    private bool Update(DatedFile found, bool retriesFailed)
    {
        if (_files.TryGetValue(found.Name, out var file))
        {
            file.Length = found.Length;
            if (retriesFailed && file.Problem is not null)
                file.StalledAt = -1;
            return false;
        }

        file = new FollowedFile(found);
        if (_stored.TryGetValue(found.Name, out var stored))
            (file.Position, file.FirstAt) = stored;
        _files.Add(found.Name, file);
        if (!_series.TryGetValue(found.Feed, out var series))
        {
            _series.Add(found.Feed, series = []);
            _feeds = [.. _series.Keys.Order(StringComparer.Ordinal)];
        }

        series.Add(file);
        return true;
    }

    private static void Order(List<FollowedFile> series)
    {
        series.Sort((a, b) => a.Order.CompareTo(b.Order));
        for (var i = 0; i < series.Count - 1; i++)
        {
            // Its incomplete end, if it has one, will not be completed.
            if (!series[i].IsSuperseded)
                (series[i].IsSuperseded, series[i].StalledAt) = (true, -1);
        }
    }

    private void Remove(FollowedFile file)
    {
        _stored[file.Name] = (file.Position, file.FirstAt);
        _files.Remove(file.Name);
        _series[file.Feed].Remove(file);
    }
}

internal sealed record CaptureFollowerOptions
{
    public required string Directory { get; init; }

    /// <summary>Selects the feeds whose files are read, by TR ID.</summary>
    public Func<string, bool> AcceptsFeed { get; init; } = static _ => true;

    /// <summary>Selects the days whose files are read.</summary>
    public Func<DateOnly, bool> AcceptsDay { get; init; } = static _ => true;

    /// <summary>How often the folder is searched. Default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The maximum length of a line, in bytes.</summary>
    public int MaxLineBytes { get; init; } = CaptureReaderOptions.Default.MaxLineBytes;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
