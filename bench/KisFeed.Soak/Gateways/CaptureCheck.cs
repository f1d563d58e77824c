using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Soak.Checks;
using KisFeed.TestSupport;

namespace KisFeed.Soak.Gateways;

/// <summary>The figures of <c>kisfeed inspect</c> for the capture.</summary>
internal sealed record CaptureFigures(bool IsSound, long Frames, long Gaps, long Files, long Bytes);

/// <summary>The figures of the recorder at the end.</summary>
internal sealed record RecorderFigures(long Flushed, long Gaps, long Dropped, long Lost, long LostFiles, long Failures, string? Problem)
{
    public static RecorderFigures Of(CaptureRecorderStatus status) =>
        new(status.Flushed, status.Gaps, status.Dropped, status.Lost, status.LostFiles, status.Failures, status.Problem);
}

/// <summary>Checks that the capture agrees with the recorder's status.</summary>
internal static class CaptureCheck
{
    public static async Task<CaptureFigures> RunAsync(string folder, RecorderFigures recorder, Findings findings)
    {
        await using var process = ProcessRunner.StartKisFeed("inspect", folder, "--format", "json");
        await process.WaitForExitAsync(Timeout.InfiniteTimeSpan);
        using var json = JsonDocument.Parse(process.Output);
        var report = json.RootElement;
        var files = report.GetProperty("files");
        var figures = new CaptureFigures(
            report.GetProperty("problemCount").GetInt64() == 0,
            files.EnumerateArray().Sum(file => file.GetProperty("frames").GetInt64()),
            report.GetProperty("events").TryGetProperty("gap", out var gaps) ? gaps.GetInt64() : 0,
            files.GetArrayLength(),
            files.EnumerateArray().Sum(file => file.GetProperty("bytes").GetInt64()));
        if (!figures.IsSound)
        {
            findings.Add($"the capture has {report.GetProperty("problemCount")} problems: "
                + $"{report.GetProperty("problems").EnumerateArray().FirstOrDefault()}");
        }

        if (figures.Frames != recorder.Flushed)
            findings.Add($"the capture has {figures.Frames} frames, but {recorder.Flushed} were written");
        if (figures.Gaps != recorder.Gaps)
            findings.Add($"the capture has {figures.Gaps} gaps, but the recorder received {recorder.Gaps}");
        if (recorder.Dropped + recorder.Lost + recorder.LostFiles + recorder.Failures != 0)
            findings.Add($"not everything was recorded: {recorder}");
        return figures;
    }
}
