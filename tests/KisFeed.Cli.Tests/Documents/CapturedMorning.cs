using KisFeed.Capture.Tests;
using KisFeed.Benchmarks.Capture;

namespace KisFeed.Cli.Tests.Documents;

/// <summary>
/// A capture of two hours of the simulated market on 2026-11-20, the date of the examples on the pages, with a gap at the end.
/// </summary>
public sealed class CapturedMorning : IDisposable
{
    private const int Frames = 360_000;

    private readonly CaptureFolder _folder = new();
    private readonly Lazy<string> _path;

    public CapturedMorning() => _path = new Lazy<string>(Write);

    /// <summary>Copies the capture to a folder that must not exist.</summary>
    public void CopyTo(string folder)
    {
        foreach (var source in Directory.EnumerateFiles(_path.Value, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(_path.Value, source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }
    }

    public void Dispose() => _folder.Dispose();

    private string Write()
    {
        new CapturedDay(_folder.Write(), Frames, seed: 7).Write();
        var end = CapturedTicks.Opening.AddHours(2);
        using var writer = _folder.Write();
        writer.Write(new CaptureEvent
        {
            Kind = CaptureEventKind.Gap,
            At = end,
            TrId = "H0UPCNT0",
            Key = "0001",
            Reason = GapReason.ConnectionLost,
            From = end.AddSeconds(-3),
            To = end,
        });
        writer.Close();
        return _folder.Path;
    }
}
