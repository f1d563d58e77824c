using System.Text;
using KisFeed.Capture.Tests;
using KisFeed.CaptureLoad;
using KisFeed.Cli.Hosting;
using KisFeed.Cli.Tests.Running;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>A captured day of the simulated market and some order notices, exported as CSV by the command.</summary>
public sealed class ExportedDay : IAsyncLifetime, IDisposable
{
    private const int Frames = 20_000;
    private const int Notices = 50;

    private readonly CaptureFolder _folder = new();

    public static TheoryData<string> Feeds => new("H0UPCNT0", "H0BJCNT0", "H0NXPGM0", "H0UNPGM0", "H0IFCNI0");

    public string Csv(string trId) => Path.Combine(_folder.Path, "csv", $"{trId}.csv");

    /// <summary>The CSV lines of a feed without the header. The simulated texts contain no line breaks or quotes.</summary>
    public string[] Rows(string trId) => File.ReadAllText(Csv(trId)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];

    public string[] Header(string trId) => File.ReadLines(Csv(trId)).First().Split(',');

    public async Task InitializeAsync()
    {
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < Notices; i++)
                writer.Write("H0IFCNI0", Encoding.UTF8.GetBytes(Samples.Notice.Replace("095835", i % 7 == 0 ? "" : "085835", StringComparison.Ordinal)), Captured.At(i).AddMinutes(-1));
            new CapturedDay(writer, Frames, seed: 7).Write();
        }

        var run = await CommandRun.OfAsync("export", _folder.Path, "--out", Path.GetDirectoryName(Csv("x"))! + "/");
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();
}
