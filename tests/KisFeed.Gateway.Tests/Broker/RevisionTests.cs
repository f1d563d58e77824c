using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Clients written for narrower records, beside others.</summary>
public sealed class RevisionTests
{
    private const string Trades = "H0STCNT0";
    private const string Stock = "005930";
    private const int Today = 47;
    private const int Of2024 = 46;
    private const int Compared = 300;

    [Theory]
    [InlineData("/revision/2024")]
    [InlineData("/revision/2024/tryitout")]
    [InlineData("/revision/2024/tryitout/H0STCNT0")]
    [InlineData("/revision/H0STCNT0=46,H0STASP0=59/tryitout")]
    public async Task A_client_whose_address_names_a_revision_gets_every_record_with_its_columns(string path)
    {
        await using var testGateway = await TestGateway.OpenAsync(new SimulatorOptions { Rate = 1_000 });
        await using var plain = await testGateway.ConnectAsync();
        await plain.RegisterAsync(Trades, Stock);
        await using var revised = await FeedClient.ConnectAsync(testGateway.Url, plain.ApprovalKey, path);
        await revised.RegisterAsync(Trades, Stock);

        var records = new List<string>();
        while (records.Count < Compared)
            records.AddRange(RecordsOf(await revised.ReceiveFrameAsync(), Of2024));
        var all = plain.Frames.SelectMany(frame => RecordsOf(frame, Today)).ToList();
        while (!all.Exists(record => record.StartsWith($"{records[^1]}^", StringComparison.Ordinal)))
            all.AddRange(RecordsOf(await plain.ReceiveFrameAsync(), Today));

        var cut = all.Select(record => record[..record.LastIndexOf('^')]).ToList();
        var first = cut.IndexOf(records[0]);
        first.ShouldBeGreaterThanOrEqualTo(0);
        cut.Skip(first).Take(records.Count).ShouldBe(records);
    }

    [Fact]
    public async Task The_option_applies_to_clients_without_one_of_their_own_and_to_the_last_record()
    {
        await using var testGateway = await TestGateway.OpenAsync(with: options => options with { Revision = "2024" });
        await using var plain = await testGateway.ConnectAsync();
        await plain.RegisterAsync(Trades, Stock);
        RecordsOf(await plain.ReceiveFrameAsync(), Of2024).ShouldNotBeEmpty();
        await testGateway.Simulator.StopAsync();
        await using var late = await FeedClient.ConnectAsync(testGateway.Url, plain.ApprovalKey, $"/revision/{Trades}=10/?snapshot=1");
        await late.RegisterAsync(Trades, Stock);
        RecordsOf(await late.ReceiveFrameAsync(), 10).ShouldHaveSingleItem().ShouldStartWith($"{Stock}^");
    }

    [Fact]
    public async Task The_simulator_cuts_its_records_too()
    {
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 1_000 });
        await using var client = await FeedClient.ConnectAsync(simulator.WebSocketUrl, path: "/revision/2024");
        await client.RegisterAsync(Trades, Stock);
        for (var records = 0; records < 100;)
            records += RecordsOf(await client.ReceiveFrameAsync(), Of2024).Length;
    }

    [Fact]
    public async Task An_unknown_revision_is_refused_with_a_sentence()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        var answer = await RawClient.AskAsync(
            testGateway.Url, $"GET /revision/1999/tryitout HTTP/1.1\r\nHost: localhost\r\n{RawClient.Upgrade}\r\n");
        answer.ShouldStartWith("HTTP/1.1 400 ");
        Uri.UnescapeDataString(answer).ShouldContain("'1999' is not a revision");
        (await Should.ThrowAsync<ArgumentException>(TestGateway.OpenAsync(with: options => options with { Revision = "H0STCNT0" }))).Message
            .ShouldContain("Revision");
    }

    private static string[] RecordsOf(string frame, int width)
    {
        var records = TestFrames.RecordsOf(frame);
        records.ShouldAllBe(record => record.Split('^').Length == width);
        return records;
    }
}
