using System.Diagnostics.Metrics;

namespace KisFeed.Capture.Recording;

/// <summary>The instruments of a recorder, which read its status when metrics are collected.</summary>
internal sealed class RecorderMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Func<CaptureRecorderStatus> _status;
    private readonly string _folder;
    private volatile bool _isOver;

    public RecorderMetrics(CaptureRecorderOptions options, Func<CaptureRecorderStatus> status)
    {
        _status = status;
        _folder = Path.GetFullPath(options.Writer.Directory);
        var meter = new MeterOptions(KisFeedDiagnostics.MeterName) { Version = KisFeedDiagnostics.Version };
        _meter = options.MeterFactory?.Create(meter) ?? new Meter(meter);
        _meter.CreateObservableCounter("kisfeed.capture.frames", () => Read(static s => s.Flushed), "{frame}", "Frames written to files.");
        _meter.CreateObservableCounter(
            "kisfeed.capture.bytes", () => Read(static s => s.Bytes), "By", "Bytes written to files, compressed.");
        _meter.CreateObservableCounter(
            "kisfeed.capture.dropped", () => Read(static s => s.Dropped), "{frame}", "Frames dropped because the queue was full.");
        _meter.CreateObservableCounter("kisfeed.capture.failures", () => Read(static s => s.Failures), "{failure}", "Failed writes.");
        _meter.CreateObservableCounter(
            "kisfeed.capture.lost_files", () => Read(static s => s.LostFiles), "{file}", "Files removed by others while being written.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.capture.waiting",
            () => Read(static s => s.Waiting),
            "{frame}",
            "Received frames that are neither written nor dropped yet.");
        _meter.CreateObservableUpDownCounter(
            "kisfeed.capture.trouble",
            () => Read(static s => s.Problem is null ? 0 : 1),
            "{recorder}",
            "1 while nothing can be written, else 0.");
        _meter.CreateObservableGauge(
            "kisfeed.capture.disk.free",
            () => ReadVolume(static v => v.AvailableFreeSpace),
            "By",
            "Bytes that may still be written to the volume of the capture folder.");
        _meter.CreateObservableGauge(
            "kisfeed.capture.disk.size", () => ReadVolume(static v => v.TotalSize), "By", "Size of the volume of the capture folder.");
    }

    // A meter factory keeps its meters, and with them the instruments, so they must report nothing after disposal.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private IEnumerable<Measurement<long>> Read(Func<CaptureRecorderStatus, long> read) =>
        _isOver ? [] : [new Measurement<long>(read(_status()))];

    // Reports nothing while the folder cannot be reached, for example because its volume is not mounted.
    private IEnumerable<Measurement<long>> ReadVolume(Func<DriveInfo, long> read)
    {
        if (_isOver)
            return [];
        try
        {
            return [new Measurement<long>(read(new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(_folder)! : _folder)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
