using System.Diagnostics.Metrics;

namespace KisFeed.Capture.Recording;

internal static class RecorderMetrics
{
    /// <summary>Creates the instruments of a recorder.</summary>
    public static StatusMeter<CaptureRecorderStatus> Create(CaptureRecorderOptions options, Func<CaptureRecorderStatus> status)
    {
        var folder = Path.GetFullPath(options.Writer.Directory);
        var meter = new StatusMeter<CaptureRecorderStatus>(options.MeterFactory, status);
        meter.Counter("kisfeed.capture.frames", "{frame}", "Frames written to files.", static s => s.Flushed);
        meter.Counter("kisfeed.capture.bytes", "By", "Bytes written to files, compressed.", static s => s.Bytes);
        meter.Counter("kisfeed.capture.dropped", "{frame}", "Frames dropped because the queue was full.", static s => s.Dropped);
        meter.Counter("kisfeed.capture.failures", "{failure}", "Failed writes.", static s => s.Failures);
        meter.Counter("kisfeed.capture.lost_files", "{file}", "Files removed by others while being written.", static s => s.LostFiles);
        meter.UpDownCounter(
            "kisfeed.capture.waiting", "{frame}", "Received frames that are neither written nor dropped yet.", static s => s.Waiting);
        meter.UpDownCounter(
            "kisfeed.capture.trouble", "{recorder}", "1 while nothing can be written, else 0.", static s => s.Problem is null ? 0 : 1);
        meter.Gauge(
            "kisfeed.capture.disk.free", "By", "Bytes that may still be written to the volume of the capture folder.",
            _ => ReadVolume(folder, static v => v.AvailableFreeSpace));
        meter.Gauge(
            "kisfeed.capture.disk.size", "By", "Size of the volume of the capture folder.",
            _ => ReadVolume(folder, static v => v.TotalSize));
        return meter;
    }

    // Reports nothing while the folder cannot be reached, for example because its volume is not mounted.
    private static IEnumerable<Measurement<long>> ReadVolume(string folder, Func<DriveInfo, long> read)
    {
        try
        {
            return [new Measurement<long>(read(new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }
}
