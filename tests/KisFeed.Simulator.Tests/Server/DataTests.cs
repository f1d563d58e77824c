using KisFeed.Wire.Control;

namespace KisFeed.Simulator.Tests.Server;

public sealed class DataTests
{
    private static readonly SimulatorOptions s_fast = new() { Rate = double.PositiveInfinity, Seed = 7 };

    [Fact]
    public async Task Records_of_the_market_arrive_completely_in_order_and_several_per_frame()
    {
        const int Count = 2_000;
        await using var server = await SimulatorServer.StartAsync(s_fast);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0NXPGM0", "005930");
        List<string> records = [];
        var largest = 0;
        while (records.Count < Count)
        {
            var frame = await client.ReceiveFrameAsync();
            frame.ShouldStartWith("0|H0NXPGM0|");
            var batch = RecordsOf(frame, columns: 11);
            largest = Math.Max(largest, batch.Count);
            records.AddRange(batch);
        }

        largest.ShouldBeInRange(2, 20);
        records.Take(Count).ShouldBe(Expected(seed: 7, "H0NXPGM0", "005930", Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_frame_has_records_of_one_key_unless_mixed_by_a_fault(bool isMixed)
    {
        string[] stocks = ["005930", "000660", "035420", "005380"];
        await using var server = await SimulatorServer.StartAsync(s_fast with { Faults = new SimulatorFaults { MixedKeys = isMixed } });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        foreach (var stock in stocks)
            await client.RegisterAsync("H0UNPGM0", stock);

        var lastVolume = stocks.ToDictionary(stock => stock, _ => 0L, StringComparer.Ordinal);
        var (mixed, several) = (0, 0);
        for (var frames = 0; frames < 500; frames++)
        {
            var records = RecordsOf(await client.ReceiveFrameAsync(), columns: 11);
            several += records.Count > 1 ? 1 : 0;
            mixed += records.Select(record => record[..6]).Distinct(StringComparer.Ordinal).Count() > 1 ? 1 : 0;
            foreach (var fields in records.Select(record => record.Split('^')))
            {
                // The cumulative volumes sold and bought never decrease.
                var volume = long.Parse(fields[2], CultureInfo.InvariantCulture) + long.Parse(fields[4], CultureInfo.InvariantCulture);
                volume.ShouldBeGreaterThanOrEqualTo(lastVolume[fields[0]]);
                lastVolume[fields[0]] = volume;
            }
        }

        several.ShouldBeGreaterThan(0);
        (mixed > 0).ShouldBe(isMixed);
        lastVolume.Values.ShouldAllBe(volume => volume > 0);
    }

    [Fact]
    public async Task The_market_is_stopped_while_nothing_is_registered()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast);
        for (var session = 0; session < 2; session++)
        {
            await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
            await client.RegisterAsync("H0NXPGM0", session == 0 ? "005930" : "000660");
            await client.ReceiveFrameAsync();
            await client.CloseAsync();
            server.Statistics.Registrations.ShouldBe(0);
            var sent = server.Statistics.FramesSent;
            await using var other = await FeedClient.ConnectAsync(server.WebSocketUrl);
            (await other.AskAsync("{}")).IsSuccess.ShouldBeFalse();
            server.Statistics.FramesSent.ShouldBe(sent);
        }
    }

    [Fact]
    public async Task No_record_of_a_key_follows_the_acknowledgement_of_its_release()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0NXPGM0", "005930");
        await client.RegisterAsync("H0NXPGM0", "000660");
        await client.ReceiveFrameAsync();

        (await client.ReleaseAsync("H0NXPGM0", "005930")).IsSuccess.ShouldBeTrue();

        for (var i = 0; i < 200; i++)
        {
            RecordsOf(await client.ReceiveFrameAsync(), columns: 11)
                .ShouldAllBe(record => record.StartsWith("000660^", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Notices_are_sent_only_to_their_HTS_ID_and_encrypted_with_its_key()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast);
        await using var anna = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await using var boris = await FeedClient.ConnectAsync(server.WebSocketUrl);
        var annasKey = (await anna.RegisterAsync("H0IFCNI0", "Anna")).NoticeKey!;
        var borisKey = (await boris.RegisterAsync("H0IFCNI0", "boris")).NoticeKey!;
        using var annasCipher = new NoticeCipher(annasKey);
        using var borisCipher = new NoticeCipher(borisKey);

        for (var i = 0; i < 50; i++)
        {
            var annas = await anna.ReceiveFrameAsync();
            annas.ShouldStartWith("1|H0IFCNI0|001|");
            var fields = Decrypt(annasCipher, annas).ShouldNotBeNull().Split('^');
            fields.Length.ShouldBe(22);
            fields[0].ShouldBe("0|H0IFCNI0|001|Anna");
            Decrypt(borisCipher, annas).ShouldBeNull();
            Decrypt(borisCipher, await boris.ReceiveFrameAsync()).ShouldNotBeNull().ShouldStartWith("0|H0IFCNI0|001|boris^");
        }
    }

    [Theory]
    [InlineData("H0IFCNI0")]
    [InlineData("H0IFCNI9")]
    public async Task Two_sessions_of_one_HTS_ID_receive_the_same_notices_with_different_keys(string trId)
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = time, HeartbeatInterval = TimeSpan.FromHours(1) });
        await using var first = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await using var second = await FeedClient.ConnectAsync(server.WebSocketUrl);
        using var firstCipher = new NoticeCipher((await first.RegisterAsync(trId, "anna")).NoticeKey!);
        using var secondCipher = new NoticeCipher((await second.RegisterAsync(trId, "anna")).NoticeKey!);
        // Requests are handled one at a time: when these are answered, the market has both registrations.
        await first.AskAsync("{}");
        await second.AskAsync("{}");
        await AdvanceUntilAsync(time, server, framesSent: 2);

        var (a, b) = (await first.ReceiveFrameAsync(), await second.ReceiveFrameAsync());

        a.ShouldNotBe(b, StringComparer.Ordinal);
        Decrypt(firstCipher, a).ShouldNotBeNull().ShouldStartWith($"0|{trId}|001|anna^");
        Decrypt(firstCipher, a).ShouldBe(Decrypt(secondCipher, b));
    }

    [Fact]
    public async Task The_rate_is_a_number_of_events_per_second()
    {
        var time = new ManualTimeProvider();
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { TimeProvider = time, Rate = 40, HeartbeatInterval = TimeSpan.FromHours(1) });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0BJCNT0", "KR103502GA34");
        // Requests are handled one at a time: when this one is answered, the market has the registration before it.
        await client.AskAsync("{}");
        for (var step = 1; step <= 20; step++)
        {
            await time.TimerDueInAsync(TimeSpan.FromMilliseconds(50));
            time.Advance(TimeSpan.FromMilliseconds(50));
            // One event of a bond is one record. Two are due in each twentieth of a second and share a frame.
            RecordsOf(await client.ReceiveFrameAsync(), columns: 19).Count.ShouldBe(2);
        }

        server.Statistics.RecordsSent.ShouldBe(40);
        server.Statistics.FramesSent.ShouldBe(20);
    }

    // The loop misses ticks while it is not yet waiting, so time is advanced until it sees one.
    private static async Task AdvanceUntilAsync(ManualTimeProvider time, SimulatorServer server, long framesSent)
    {
        while (server.Statistics.FramesSent < framesSent)
        {
            await time.TimerDueInAsync(TimeSpan.FromMilliseconds(50));
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }

    private static List<string> RecordsOf(string frame, int columns)
    {
        DataFrame.TryParse(Encoding.UTF8.GetBytes(frame), out var parsed, out var error).ShouldBeTrue($"{error}");
        frame.Split('|')[2].Length.ShouldBe(3);
        var fields = Encoding.UTF8.GetString(parsed.Payload).Split('^');
        fields.Length.ShouldBe(columns * parsed.Count);
        return [.. fields.Chunk(columns).Select(record => string.Join('^', record))];
    }

    private static string? Decrypt(NoticeCipher cipher, string frame)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        DataFrame.TryParse(Encoding.UTF8.GetBytes(frame), out var parsed, out _).ShouldBeTrue();
        return cipher.TryDecrypt(parsed, output, out _) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }

    private static List<string> Expected(int seed, string trId, string key, int count)
    {
        var market = new KoreanMarket(MarketOptions.Default with { Seed = seed });
        market.Open(trId, key);
        var sink = new ListSink();
        while (sink.Records.Count < count)
            market.TryStep(sink).ShouldBeTrue();
        return sink.Records;
    }

    private sealed class ListSink : IMarketSink
    {
        public List<string> Records { get; } = [];

        public void OnRecord(MarketStream stream, ReadOnlySpan<byte> record) => Records.Add(Encoding.UTF8.GetString(record));
    }
}
