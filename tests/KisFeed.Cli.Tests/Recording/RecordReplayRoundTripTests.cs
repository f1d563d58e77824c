using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.Capture.Tests.Recording;
using KisFeed.Simulator.Replay;

namespace KisFeed.Cli.Tests.Recording;

/// <summary>A capture of a replay is identical to the original, byte for byte and in the same order over all feeds.</summary>
public sealed class RecordReplayRoundTripTests : IDisposable
{
    private static readonly string[] s_targets = ["index:0001", "index:1001", "program:005930", "bond:KR103502GA34", "notice"];

    private readonly CaptureFolder _first = new();
    private readonly CaptureFolder _second = new();

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Feeds_and_order_notices_are_identical_after_record_and_replay()
    {
        await using (var service = await Service.StartAsync())
            await RecordAsync(service.Url, _first, count: 2_000);
        var recorded = await FramesOfAsync(_first);
        recorded.Length.ShouldBeGreaterThanOrEqualTo(2_000);

        await using (var replay = await ReplayServer.StartAsync(
            new ReplayOptions { Capture = CaptureReader.Open(_first.Path), Speed = ReplaySpeed.Unlimited, Wait = s_targets.Length }))
        {
            await RecordAsync(replay.WebSocketUrl.ToString(), _second, recorded.Length);
        }

        var again = await FramesOfAsync(_second);
        again.ShouldBe(recorded);
        recorded.Select(frame => frame[..10]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .ShouldBe(["0|H0BJCNT0", "0|H0IFCNI0", "0|H0UNPGM0", "0|H0UPCNT0"]);
    }

    private static async Task RecordAsync(string url, CaptureFolder folder, int count)
    {
        var run = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(url),
            [
                "record", .. s_targets, "--notices", "--dir", folder.Path, "--count", count.ToString(CultureInfo.InvariantCulture),
                "--duration", "60s",
            ]);
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
    }

    private static async Task<string[]> FramesOfAsync(CaptureFolder folder) =>
        [.. (await Recorded.ReadAsync(folder.Path)).Frames.Select(item => Encoding.UTF8.GetString(item.Frame.Bytes.Span))];
}
