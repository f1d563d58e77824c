using KisFeed.Capture.Tests;
using KisFeed.Benchmarks.Capture;
using KisFeed.Simulator.Market;
using Captured = KisFeed.Capture.Tests.Ticks;

namespace KisFeed.Cli.Tests.Loading;

/// <summary>
/// A captured day of the simulated market, some order notices, and some records of feeds of every other
/// kind, exported as CSV by the command.
/// </summary>
public sealed class ExportedDay : IAsyncLifetime, IDisposable
{
    private const int Frames = 20_000;
    private const int Notices = 50;

    private static readonly string[] s_modelled = ["H0UPCNT0", "H0BJCNT0", "H0NXPGM0", "H0UNPGM0", "H0IFCNI0"];

    private static readonly string[] s_generated =
        [
            "H0STCNT0", "H0STASP0", "H0UNANC0", "H0STMKO0", "H0STMBC0", "H0UPPGM0", "H0EWASP0", "H0STNAV0", "H0BJASP0", "H0IFCNT0",
            "H0ZOASP0", "HDFSCNT0", "HDFSASP0", "HDFFF020", "H0STCNI0", "HDFFF2C0",
        ];

    private readonly CaptureFolder _folder = new();

    public static TheoryData<string> Feeds => [.. s_modelled, .. s_generated];

    /// <summary>The capture.</summary>
    public string Capture => _folder.Path;

    public string Csv(string trId) => Path.Combine(_folder.Path, "csv", $"{trId}.csv");

    /// <summary>The CSV lines of a feed without the header. The simulated texts contain no line breaks or quotes.</summary>
    public string[] Rows(string trId) => File.ReadAllText(Csv(trId)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];

    public string[] Header(string trId) => File.ReadLines(Csv(trId)).First().Split(',');

    public async ValueTask InitializeAsync()
    {
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < Notices; i++)
            {
                writer.Write(
                    "H0IFCNI0",
                    Encoding.UTF8.GetBytes(Samples.Notice.Replace("095835", i % 7 == 0 ? "" : "085835", StringComparison.Ordinal)),
                    Captured.At(i).AddMinutes(-1));
            }
            WriteGenerated((trId, frame, at) => writer.Write(trId, frame, at));
            new CapturedDay(writer, Frames, seed: 7).Write();
        }

        var run = await CommandRun.OfAsync("export", _folder.Path, "--out", Path.GetDirectoryName(Csv("x"))! + "/");
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void WriteGenerated(Action<string, byte[], DateTimeOffset> write)
    {
        var market = new KoreanMarket(new MarketOptions { Step = TimeSpan.FromMilliseconds(500) });
        foreach (var trId in s_generated)
        {
            KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
            var stream = market.Open(trId, feed.KeyExample);
            for (var i = 0; i < Notices; i++)
            {
                var at = Captured.At(i).AddMinutes(-1);
                market.TryStep(new RecordSink(record => write(trId, Encoding.UTF8.GetBytes($"0|{trId}|001|{record}"), at)));
            }

            market.Close(stream);
        }
    }

    public void Dispose() => _folder.Dispose();

    private sealed class RecordSink(Action<string> onRecord) : IMarketSink
    {
        public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => onRecord(Encoding.UTF8.GetString(record));
    }
}
