using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Writes a capture into a folder: what is written is gathered in memory, and <see cref="Flush"/> puts it into the files. What has been flushed stays readable whatever happens next;
/// what an earlier writer left that was killed is put in order at the start, and gone on with. For one thread at a time; it has no timer of its own.
/// </summary>
/// <remarks>
/// Nothing that is in a file is ever written over. A flush that fails keeps everything and may be made again; that the caller meanwhile writes no more
/// than it has memory for is the caller's business.
/// </remarks>
public sealed class CaptureWriter : IDisposable
{
    /// <summary>The longest frame that is taken, in bytes: 2 MiB, which is more than a message of a session can be. Readers take its line, however it is written.</summary>
    public const int MaxFrameLength = 2 << 20;

    // Enough for the packing to pay, little enough to be kept while the disk is in trouble.
    private const long FlushThreshold = 1 << 20;

    // Of a recorder that has nothing to record, only the latest.
    private const int MaxPendingEvents = 100;

    private readonly CaptureWriterOptions _options;
    private readonly DirectoryLock _lock;
    private readonly FileSizeSignal _signal;
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<DateOnly, Manifest> _manifests = [];

    // What captureEvent while no file was being written, for the first one that is.
    private readonly Queue<CaptureEvent> _pendingEvents = new();
    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private bool _isDisposed;

    /// <summary>Takes a folder over.</summary>
    /// <exception cref="ArgumentException">An option cannot be used.</exception>
    /// <exception cref="CaptureException">The folder cannot be written to, or another recorder writes to it.</exception>
    public CaptureWriter(CaptureWriterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Directory, nameof(options));
        if (options.MaxFileBytes < 1 << 16)
            throw new ArgumentException($"the option {nameof(options.MaxFileBytes)} cannot be used, being {options.MaxFileBytes}: set at least 65536", nameof(options));
        _options = options;
        _lock = new DirectoryLock(options.Directory);
        _signal = new FileSizeSignal();
        try
        {
            Recovered = Recovery.Run(options);
            WriterWarmup.Run(options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _signal.Dispose();
            _lock.Dispose();
            throw new CaptureException($"what an earlier recorder left in {options.Directory} cannot be put in order: {e.Message}", e);
        }
    }

    /// <summary>The files that an earlier recorder had not closed, and what was done about them.</summary>
    public IReadOnlyList<CaptureRecovery> Recovered { get; }

    /// <summary>Frames taken so far.</summary>
    public long Frames { get; private set; }

    /// <summary>Frames that are in files for sure.</summary>
    public long FlushedFrames => _series.Values.Sum(series => series.WrittenFrames);

    /// <summary>Bytes that are in files for sure, packed.</summary>
    public long FlushedBytes => _series.Values.Sum(series => series.WrittenBytes);

    /// <summary>Files that were begun or gone on with.</summary>
    public long Files => _series.Values.Sum(series => series.Files);

    /// <summary>Files that somebody removed while they were being written. What was in them is lost; what came later is in others.</summary>
    public int LostFiles => _series.Values.Sum(series => series.LostFiles);

    /// <summary>Bytes gathered that are not in files yet, partly packed.</summary>
    public long GatheredBytes => _series.Values.Sum(series => series.BufferedLength);

    /// <summary>Whether so much is gathered that it is time to flush.</summary>
    public bool IsFull => GatheredBytes >= FlushThreshold;

    internal FeedCatalog Catalog => _options.Catalog;

    internal bool IsClosed => _isDisposed;

    /// <summary>Takes a frame of a feed, in plain form, whatever is in it.</summary>
    /// <param name="trId">The TR ID, 1 to 16 letters and digits.</param>
    /// <param name="frame">The frame, of at most <see cref="MaxFrameLength"/> bytes.</param>
    /// <param name="receivedAt">When it was received. Where the clock gives the same time again, a tick (100 ns) more is written, so that times tell the order.</param>
    /// <exception cref="ArgumentException">The TR ID is none, or the frame is too long.</exception>
    public void Write(string trId, ReadOnlySpan<byte> frame, DateTimeOffset receivedAt)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (frame.Length > MaxFrameLength)
            throw new ArgumentException($"a frame is at most {MaxFrameLength} bytes long, and this one has {frame.Length}", nameof(frame));
        var series = SeriesOf(trId);
        var at = Stamp(receivedAt);
        var day = DayOf(at);
        AddPendingEvents(series, day);
        series.AddFrame(frame, at, day);
        Frames++;
    }

    /// <summary>Takes an event: into the file of its feed, or, where it is of none, into all that are being written; where none is, into the next.</summary>
    public void Write(CaptureEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (happened.TrId is { } trId)
            _ = SeriesOf(trId);
        Add(happened with { At = Stamp(happened.At) });
    }

    /// <summary>Puts what is gathered into the files.</summary>
    /// <exception cref="IOException">It cannot: the disk is full, say, or the folder is gone and cannot be made anew. Nothing is lost by that; flush again.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ForEachSeries(series => series.Flush(UpdateManifest));
    }

    /// <summary>Flushes, and closes the files in order. The writer can only be disposed after that.</summary>
    /// <exception cref="IOException">It cannot; it may be closed again.</exception>
    public void Close()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ForEachSeries(series => series.Close(UpdateManifest));
        Dispose();
    }

    /// <summary>Leaves the files as they are. What was not flushed is lost.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var series in _series.Values)
            series.Dispose();
        _signal.Dispose();
        _lock.Dispose();
    }

    /// <summary>Deletes what is not kept of the folder.</summary>
    /// <param name="pruner">Decides and deletes.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="IOException">The folder cannot be searched.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be searched.</exception>
    internal void Prune(CapturePruner pruner, DateTimeOffset now)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        RenewLock();
        var open = _series.Values.SelectMany(series => series.OpenPaths).ToHashSet(StringComparer.Ordinal);
        pruner.Run(DayOf(now), open, ManifestOf);
        foreach (var (day, _) in _manifests.Where(manifest => manifest.Value.IsEmpty).ToList())
            _manifests.Remove(day);
    }

    private void RenewLock()
    {
        if (_lock.Renew())
            return;
        foreach (var series in _series.Values)
            series.MarkSuspect();
        _manifests.Clear();
    }

    private Manifest ManifestOf(string folder, DateOnly day)
    {
        if (!_manifests.TryGetValue(day, out var manifest) || manifest.IsLost)
            _manifests[day] = manifest = Manifest.Read(folder, day);
        return manifest;
    }

    private void ForEachSeries(Action<Series> act)
    {
        try
        {
            RenewLock();
            foreach (var series in _series.Values)
                act(series);
            foreach (var manifest in _manifests.Values)
                manifest.Save();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private void Add(CaptureEvent captureEvent)
    {
        var day = DayOf(captureEvent.At);
        var isAdded = false;
        foreach (var (trId, series) in _series)
        {
            if (captureEvent.TrId is null ? series.Day is null : trId != captureEvent.TrId)
                continue;
            isAdded = true;
            AddPendingEvents(series, day);
            series.AddEvent(captureEvent, day);
        }

        if (isAdded)
            return;
        _pendingEvents.Enqueue(captureEvent);
        if (_pendingEvents.Count > MaxPendingEvents)
            _pendingEvents.Dequeue();
    }

    private void AddPendingEvents(Series series, DateOnly day)
    {
        while (_pendingEvents.TryDequeue(out var pending))
            series.AddEvent(pending, day);
    }

    // A clock that is set right a little makes no difference; one that is set back must not put what comes before what came.
    private DateTimeOffset Stamp(DateTimeOffset at)
    {
        if (at > _last)
            return _last = at;
        if (_last - at < TimeSpan.FromSeconds(1))
            return _last = _last.AddTicks(1);
        var back = _last - at;
        _last = at;
        Add(new CaptureEvent { Kind = CaptureEventKind.Clock, At = at, Text = string.Create(CultureInfo.InvariantCulture, $"the clock was set back by {back.TotalSeconds:0.0} s") });
        return _last = _last.AddTicks(1);
    }

    private Series SeriesOf(string trId)
    {
        if (_series.TryGetValue(trId, out var series))
            return series;
        if (!DataFrame.IsTrId(trId))
            throw new ArgumentException("a TR ID is 1 to 16 letters and digits", nameof(trId));
        _series.Add(trId, series = new Series(_options, trId));
        return series;
    }

    private void UpdateManifest(SeriesFile file)
    {
        var manifest = ManifestOf(file.Folder, file.Day);
        var name = Path.GetFileName(file.Path!);

        // While it is written it is entered once; what it holds is said when it is closed.
        if (file.IsClosed)
            manifest.Set(Recovery.Entry(_options, file.TrId, name, file.Summary, file.Length, file.Checksum()));
        else if (manifest.Get(name) is not { Sha256: null })
            manifest.Set(Recovery.Entry(_options, file.TrId, name, file.Summary, file.Length, null));
    }

    private static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(KoreaTime.From(at).DateTime);
}
