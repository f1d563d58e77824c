using System.Diagnostics.Metrics;

namespace KisFeed.Capture;

/// <summary>The instruments of a recorder, which read its status when somebody collects.</summary>
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
        _meter.CreateObservableCounter("kisfeed.capture.frames", () => Read(static s => s.Flushed), "{frame}", "Frames that are in files for sure.");
        _meter.CreateObservableCounter("kisfeed.capture.bytes", () => Read(static s => s.Bytes), "By", "Bytes that are in files for sure, packed.");
        _meter.CreateObservableCounter("kisfeed.capture.dropped", () => Read(static s => s.Dropped), "{frame}", "Frames dropped because too many waited for the disk.");
        _meter.CreateObservableCounter("kisfeed.capture.failures", () => Read(static s => s.Failures), "{failure}", "Attempts to write that have failed.");
        _meter.CreateObservableCounter("kisfeed.capture.lost_files", () => Read(static s => s.LostFiles), "{file}", "Files that somebody removed while they were being written.");
        _meter.CreateObservableUpDownCounter("kisfeed.capture.waiting", () => Read(static s => s.Waiting), "{frame}", "Frames received that are neither written nor dropped yet.");
        _meter.CreateObservableUpDownCounter("kisfeed.capture.trouble", () => Read(static s => s.Problem is null ? 0 : 1), "{recorder}", "1 while nothing can be written, else 0.");
        _meter.CreateObservableGauge("kisfeed.capture.disk.free", () => ReadVolume(static v => v.AvailableFreeSpace), "By", "Bytes that may still be written to the volume of the capture folder.");
        _meter.CreateObservableGauge("kisfeed.capture.disk.size", () => ReadVolume(static v => v.TotalSize), "By", "Size of the volume of the capture folder.");
    }

    // A factory keeps the meter that it has made, and with it the instruments.
    public void Dispose()
    {
        _isOver = true;
        _meter.Dispose();
    }

    private IEnumerable<Measurement<long>> Read(Func<CaptureRecorderStatus, long> read) => _isOver ? [] : [new Measurement<long>(read(_status()))];

    // Nothing while the folder cannot be reached, as when its volume is not mounted.
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
