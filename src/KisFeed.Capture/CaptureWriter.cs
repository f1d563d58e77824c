using System.Globalization;
using KisFeed.Capture.Files;
using KisFeed.Capture.Writing;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>
/// Writes a capture into a folder: data is buffered in memory, and <see cref="Flush"/> writes it to the files. Flushed data stays
/// readable after a crash; the files of an earlier writer that was killed are recovered at the start and continued. Not
/// thread-safe; it has no timer of its own.
/// </summary>
/// <remarks>
/// Data in a file is never overwritten. A failed flush keeps all buffered data and can be repeated; meanwhile the caller must limit how
/// much it writes, because the buffer is not bounded.
/// </remarks>
public sealed class CaptureWriter : IDisposable
{
    /// <summary>
    /// The maximum length of a frame, in bytes: 2 MiB, more than any message of a session. Readers accept its line in any encoding.
    /// </summary>
    public const int MaxFrameLength = 2 << 20;

    // Large enough to compress well, small enough to keep in memory while the disk fails.
    private const long FlushThreshold = 1 << 20;

    // A recorder without frames keeps only the latest events.
    private const int MaxPendingEvents = 100;

    private static readonly TimeSpan s_clockTolerance = TimeSpan.FromSeconds(1);

    private readonly CaptureWriterOptions _options;
    private readonly DirectoryLock _lock;
    private readonly FileSizeSignal _signal;
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<DateOnly, Manifest> _manifests = [];

    // Events from the time when no file was open, for the first file.
    private readonly Queue<CaptureEvent> _pendingEvents = new();
    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private DateTimeOffset _lastFrame = DateTimeOffset.MinValue;
    private bool _isDisposed;

    /// <summary>Opens and locks a folder.</summary>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    /// <exception cref="CaptureException">The folder cannot be written to, or another recorder writes to it.</exception>
    public CaptureWriter(CaptureWriterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Directory, nameof(options));
        if (options.MaxFileBytes < 1 << 16)
        {
            throw new ArgumentException(
                $"the option {nameof(options.MaxFileBytes)} is {options.MaxFileBytes}: set at least 65536", nameof(options));
        }
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
            throw new CaptureException($"the files of an earlier recorder in {options.Directory} cannot be recovered: {e.Message}", e);
        }
    }

    /// <summary>The files that an earlier recorder had not closed, and their recovery.</summary>
    public IReadOnlyList<CaptureRecovery> Recovered { get; }

    /// <summary>Frames written so far, flushed or not.</summary>
    public long Frames { get; private set; }

    /// <summary>Frames flushed to files.</summary>
    public long FlushedFrames => _series.Values.Sum(series => series.WrittenFrames);

    /// <summary>Bytes written to files, compressed.</summary>
    public long FlushedBytes => _series.Values.Sum(series => series.WrittenBytes);

    /// <summary>Files that were created or continued.</summary>
    public long Files => _series.Values.Sum(series => series.Files);

    /// <summary>Files that were removed by others while being written. Their content is lost; later data is in other files.</summary>
    public int LostFiles => _series.Values.Sum(series => series.LostFiles);

    /// <summary>Buffered bytes that are not in files yet, partly compressed.</summary>
    public long BufferedBytes
    {
        get
        {
            // Read for every batch of frames, so without an enumerator on the heap.
            var bytes = 0L;
            foreach (var series in _series.Values)
                bytes += series.BufferedLength;
            return bytes;
        }
    }

    /// <summary>Whether enough data is buffered for a flush.</summary>
    public bool IsFull => BufferedBytes >= FlushThreshold;

    /// <summary>
    /// The time of the last line, flushed or not; <see langword="null"/> before the first. No later line has an earlier
    /// time, unless the clock is set back.
    /// </summary>
    internal DateTimeOffset? LastAt => _last == DateTimeOffset.MinValue ? null : _last;

    internal FeedCatalog Catalog => _options.Catalog;

    internal bool IsClosed => _isDisposed;

    /// <summary>Writes a decrypted frame of a feed. Its content is not checked.</summary>
    /// <param name="trId">The TR ID, 1 to 16 letters and digits.</param>
    /// <param name="frame">The frame, of at most <see cref="MaxFrameLength"/> bytes.</param>
    /// <param name="receivedAt">The receive time. If it is not after that of the previous frame, it is replaced by one tick (100 ns) after
    /// that, so that times reflect the order.</param>
    /// <param name="statedDay">The trading day that the source states for the frame; <see langword="null"/> for live data.</param>
    /// <exception cref="ArgumentException">The TR ID is not valid, or the frame is too long.</exception>
    public void Write(string trId, ReadOnlySpan<byte> frame, DateTimeOffset receivedAt, DateOnly? statedDay = null)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (frame.Length > MaxFrameLength)
            throw new ArgumentException($"the frame has {frame.Length} bytes; the maximum is {MaxFrameLength}", nameof(frame));
        var series = SeriesOf(trId);
        var at = StampFrame(receivedAt);
        var day = CaptureDays.Of(at);
        AddPendingEvents(series, day);
        series.AddFrame(frame, at, day, statedDay);
        Frames++;
    }

    /// <summary>
    /// Writes an event into the file of its feed; without a feed, into all open files, or into the next file if none is open.
    /// </summary>
    public void Write(CaptureEvent captureEvent)
    {
        ArgumentNullException.ThrowIfNull(captureEvent);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (captureEvent.TrId is { } trId)
            _ = SeriesOf(trId);
        Add(captureEvent with { At = StampEvent(captureEvent.At) });
    }

    /// <summary>Writes the buffered data to the files.</summary>
    /// <exception cref="IOException">The write failed, for example because the disk is full or the folder cannot be created again. No
    /// data is lost; flush again.</exception>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ForEachSeries(series => series.Flush(UpdateManifest));
    }

    /// <summary>Flushes and closes the files. After that, the writer can only be disposed.</summary>
    /// <exception cref="IOException">The write failed; close again.</exception>
    public void Close()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ForEachSeries(series => series.Close(UpdateManifest));
        Dispose();
    }

    /// <summary>Closes the files without flushing. Buffered data is lost.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var series in _series.Values)
            series.Dispose();
        _signal.Dispose();
        _lock.Dispose();
    }

    /// <summary>Deletes files beyond the retention limits.</summary>
    /// <exception cref="IOException">The folder cannot be searched.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be searched.</exception>
    internal void Prune(CapturePruner pruner, DateTimeOffset now)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        RenewLock();
        var open = _series.Values.SelectMany(series => series.OpenPaths).ToHashSet(StringComparer.Ordinal);
        pruner.Run(CaptureDays.Of(now), open, ManifestOf);
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
        var day = CaptureDays.Of(captureEvent.At);
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

    // Small corrections of the clock are smoothed. When the clock is set back further, a Clock event marks that times go back.
    private DateTimeOffset StampFrame(DateTimeOffset at) => _lastFrame = Stamp(at, at > _lastFrame ? at : _lastFrame.AddTicks(1));

    private DateTimeOffset StampEvent(DateTimeOffset at) => Stamp(at, at);

    // Times never go back, unless the clock was set back.
    private DateTimeOffset Stamp(DateTimeOffset at, DateTimeOffset least)
    {
        var back = _last - at;
        if (back <= s_clockTolerance)
            return _last = least > _last ? least : _last;
        _last = at;
        _lastFrame = DateTimeOffset.MinValue;
        Add(new CaptureEvent
        {
            Kind = CaptureEventKind.Clock,
            At = at,
            Text = string.Create(CultureInfo.InvariantCulture, $"the clock was set back by {back.TotalSeconds:0.0} s"),
        });
        return at;
    }

    private Series SeriesOf(string trId)
    {
        if (_series.TryGetValue(trId, out var series))
            return series;
        if (!DataFrame.IsTrId(trId))
            throw new ArgumentException("a TR ID has 1 to 16 letters and digits", nameof(trId));
        _series.Add(trId, series = new Series(_options, trId));
        return series;
    }

    private void UpdateManifest(SeriesFile file)
    {
        var manifest = ManifestOf(file.Folder, file.Day);
        var name = Path.GetFileName(file.Path!);

        // A file being written is entered once; its content is added when it is closed.
        if (file.IsClosed)
            manifest.Set(Recovery.Entry(_options, file.TrId, name, file.Summary, file.Length, file.Checksum()));
        else if (manifest.Get(name) is not { Sha256: null })
            manifest.Set(Recovery.Entry(_options, file.TrId, name, file.Summary, file.Length, null));
    }
}
