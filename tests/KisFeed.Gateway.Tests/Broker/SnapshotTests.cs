using KisFeed.Gateway.Consumers;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Snapshots: the last record on request, followed by all later ones.</summary>
public sealed class SnapshotTests
{
    private const string Bond = "H0BJCNT0";
    private const string Code = "KR103502GC97";

    [Fact]
    public async Task The_last_record_is_sent_first_on_request()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var early = await testGateway.ConnectAsync();
        await early.RegisterAsync(TestGateway.Index, "0001");
        await early.ReceiveFrameAsync();
        await testGateway.Simulator.StopAsync();
        var approvalKey = await RestClient.ApprovalKeyAsync(testGateway.Gateway.RestUrl);
        await using var late = await FeedClient.ConnectAsync(testGateway.Url, approvalKey, "/tryitout?snapshot=1");
        await using var plain = await FeedClient.ConnectAsync(testGateway.Url, approvalKey, "/tryitout?snapshot=0");

        (await late.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        (await plain.RegisterAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();

        var last = await late.ReceiveFrameAsync();
        last.ShouldStartWith($"0|{TestGateway.Index}|001|0001^");
        while (!early.Frames[^1].EndsWith(last.Split('|')[3], StringComparison.Ordinal))
            await early.ReceiveFrameAsync();
        (await plain.ReleaseAsync(TestGateway.Index, "0001")).IsSuccess.ShouldBeTrue();
        plain.Frames.ShouldBeEmpty();
    }

    [Fact]
    public async Task No_record_is_missing_or_repeated_after_the_snapshot()
    {
        const int Newcomers = 20;
        const int Records = 100;
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 5_000 });
        await using var early = await testGateway.ConnectAsync();
        await early.RegisterAsync(Bond, Code);
        var all = new List<string>();
        for (var i = 0; i < Newcomers; i++)
        {
            await using var late = await FeedClient.ConnectAsync(testGateway.Url, early.ApprovalKey, "/tryitout?snapshot=1");
            await late.RegisterAsync(Bond, Code);
            var records = new List<string>();
            while (records.Count < Records)
                records.AddRange(TestFrames.RecordsOf(await late.ReceiveFrameAsync()));

            while (!all.Contains(records[^1]))
                all.AddRange(TestFrames.RecordsOf(await early.ReceiveFrameAsync()));
            all.ShouldBeUnique(StringComparer.Ordinal); // Otherwise the order could not be checked.
            var from = all.IndexOf(records[0]);
            all[from..(from + records.Count)].ShouldBe(records);
        }
    }

    [Fact]
    public async Task Order_notices_and_misspelt_requests_have_no_snapshot()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        await using var early = await testGateway.ConnectAsync();
        await early.RegisterAsync("H0IFCNI0", "anna");
        await early.ReceiveFrameAsync();
        await testGateway.Simulator.StopAsync();
        await using var late = await FeedClient.ConnectAsync(testGateway.Url, path: "/tryitout?snapshot=1");

        (await late.RegisterAsync("H0IFCNI0", "anna")).IsSuccess.ShouldBeTrue();
        (await late.ReleaseAsync("H0IFCNI0", "anna")).IsSuccess.ShouldBeTrue();

        late.Frames.ShouldBeEmpty();
        (await RawClient.AskAsync(testGateway.Url, "GET /tryitout?snapshot=yes HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            .ShouldStartWith("HTTP/1.1 400 ");
        testGateway.Refused(AccessRefusalReason.Malformed).ShouldBe(1);
    }

}
