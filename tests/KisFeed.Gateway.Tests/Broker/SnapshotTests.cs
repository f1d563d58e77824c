using KisFeed.Gateway.Consumers;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Who comes late and asks for it has what came last at once, and then everything that follows.</summary>
public sealed class SnapshotTests
{
    private const string Bond = "H0BJCNT0";
    private const string Code = "KR103502GC97";

    [Fact]
    public async Task What_came_last_comes_first_where_it_is_asked_for()
    {
        await using var stage = await Stage.OpenAsync();
        await using var early = await stage.ConnectAsync();
        await early.RegisterAsync(Stage.Index, "0001");
        await early.ReceiveFrameAsync();
        await stage.Simulator.StopAsync();
        var approvalKey = await RestClient.ApprovalKeyAsync(stage.Gateway.RestUrl);
        await using var late = await FeedClient.ConnectAsync(stage.Url, approvalKey, "/tryitout?snapshot=1");
        await using var plain = await FeedClient.ConnectAsync(stage.Url, approvalKey, "/tryitout?snapshot=0");

        (await late.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await plain.RegisterAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();

        var last = await late.ReceiveFrameAsync();
        last.ShouldStartWith($"0|{Stage.Index}|001|0001^");
        while (!early.Frames[^1].EndsWith(last.Split('|')[3], StringComparison.Ordinal))
            await early.ReceiveFrameAsync();
        (await plain.ReleaseAsync(Stage.Index, "0001")).IsSuccess.ShouldBeTrue();
        plain.Frames.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_missing_between_the_snapshot_and_what_follows_and_nothing_comes_twice()
    {
        const int Newcomers = 20;
        const int Records = 100;
        await using var stage = await Stage.OpenAsync(new SimulatorOptions { Rate = 5_000 });
        await using var early = await stage.ConnectAsync();
        await early.RegisterAsync(Bond, Code);
        var all = new List<string>();
        for (var i = 0; i < Newcomers; i++)
        {
            await using var late = await FeedClient.ConnectAsync(stage.Url, early.ApprovalKey, "/tryitout?snapshot=1");
            await late.RegisterAsync(Bond, Code);
            var records = new List<string>();
            while (records.Count < Records)
                records.AddRange(RecordsOf(await late.ReceiveFrameAsync()));

            while (!all.Contains(records[^1]))
                all.AddRange(RecordsOf(await early.ReceiveFrameAsync()));
            all.ShouldBeUnique(StringComparer.Ordinal); // Else it could not be told.
            var from = all.IndexOf(records[0]);
            all[from..(from + records.Count)].ShouldBe(records);
        }
    }

    [Fact]
    public async Task There_is_none_of_order_notices_and_none_that_is_asked_for_in_other_words()
    {
        await using var stage = await Stage.OpenAsync();
        await using var early = await stage.ConnectAsync();
        await early.RegisterAsync("H0IFCNI0", "anna");
        await early.ReceiveFrameAsync();
        await stage.Simulator.StopAsync();
        await using var late = await FeedClient.ConnectAsync(stage.Url, path: "/tryitout?snapshot=1");

        (await late.RegisterAsync("H0IFCNI0", "anna")).IsSuccess.ShouldBeTrue();
        (await late.ReleaseAsync("H0IFCNI0", "anna")).IsSuccess.ShouldBeTrue();

        late.Frames.ShouldBeEmpty();
        (await RawClient.AskAsync(stage.Url, "GET /tryitout?snapshot=yes HTTP/1.1\r\nHost: localhost\r\n\r\n")).ShouldStartWith("HTTP/1.1 400 ");
        stage.Gateway.Refusals.Of(RefusalReason.Malformed).ShouldBe(1);
    }

    private static IEnumerable<string> RecordsOf(string frame)
    {
        var parts = frame.Split('|');
        var fields = parts[3].Split('^');
        var width = fields.Length / int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture);
        return fields.Chunk(width).Select(record => string.Join('^', record));
    }
}
