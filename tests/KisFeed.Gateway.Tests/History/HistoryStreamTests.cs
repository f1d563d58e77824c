using System.Text;
using System.Text.Json;
using KisFeed.Capture;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.History;

/// <summary>Streams that begin in the recorded past.</summary>
public sealed class HistoryStreamTests : IDisposable
{
    private static readonly (string TrId, string Key)[] s_keys =
        [("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0NXPGM0", "005930"), ("H0STASP0", "005930")];

    private static readonly DateTimeOffset s_nine = new(2026, 11, 20, 9, 0, 0, TimeSpan.FromHours(9));

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-history-");

    [Fact]
    public async Task The_past_is_followed_by_the_present_without_a_hole_and_without_a_record_twice()
    {
        await using var testGateway = await OpenAsync();
        var begin = DateTimeOffset.UtcNow;
        await testGateway.UntilRecordedAsync(100);

        await using var follower = new StreamFollower(testGateway, s_keys, begin);
        await follower.CatchUpAsync();
        await follower.ReadAsync(500);
        await testGateway.Gateway.StopAsync();

        follower.Records.ShouldBeGreaterThan(600);
        follower.Check(await RecordedKeys.ReadAsync(_folder.FullName));
    }

    [Fact]
    public async Task A_stream_says_where_the_past_begins_and_ends()
    {
        await using var testGateway = await OpenAsync(recorded: 50);

        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:0001&from=-1h");

        (await stream.NextAsync("subscribed")).Body.GetProperty("registered").GetBoolean().ShouldBeTrue();
        (await stream.NextAsync("history")).Body.GetProperty("from").GetDateTimeOffset()
            .ShouldBeLessThan(DateTimeOffset.Now.AddMinutes(-59));
        var gap = await stream.NextAsync("gap");
        gap.Text("reason").ShouldBe("notRecorded");
        var first = await stream.NextAsync("record");
        gap.Text("to").ShouldBe(first.Text("receivedAt"));
        (await stream.UntilAsync("live")).Body.GetProperty("gaps").GetInt64().ShouldBe(1);
        (await stream.NextAsync("record")).Number.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_key_that_is_registered_only_now_has_a_gap_up_to_now()
    {
        await using var testGateway = await OpenAsync(recorded: 50);

        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, "subscribe=index:2001&from=-1h");

        await stream.NextAsync("subscribed");
        await stream.NextAsync("history");
        (await stream.UntilAsync("gap")).Text("reason").ShouldBe("notRecorded");
        await stream.UntilAsync("live");
        await stream.UntilAsync(e => e.IsRecord && e.Number > 0);
    }

    [Fact]
    public async Task A_WebSocket_gets_the_past_of_a_key_that_it_subscribes_to_while_others_are_live()
    {
        await using var testGateway = await OpenAsync();
        var begin = DateTimeOffset.UtcNow;
        await testGateway.UntilRecordedAsync(200);
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:1001");
        await socket.UntilAsync("record");

        await socket.SendAsync($$"""{"subscribe":["index:0001"],"from":"{{begin.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'}}"}""");

        await socket.UntilAsync("history");
        var first = await UntilKeyAsync(socket, "0001");
        first.Number.ShouldBe(0);
        await socket.UntilAsync("live");
        (await UntilKeyAsync(socket, "0001")).Number.ShouldBeGreaterThan(0);
        (await UntilKeyAsync(socket, "1001")).Number.ShouldBeGreaterThan(0);

        await socket.SendAsync("""{"subscribe":["index:2001"],"from":"tomorrow"}""");
        (await socket.UntilAsync("refused")).Text("reason")!.ShouldStartWith("from is not valid");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_can_be_saved_as_a_capture(bool isWebSocket)
    {
        await using var testGateway = await OpenAsync(recorded: 200);
        var lines = await ReadLinesAsync(
            testGateway.Gateway, "subscribe=index:0001,H0STASP0:005930&from=-1h&format=capture", isWebSocket, 300);
        await testGateway.Gateway.StopAsync();

        var saving = Directory.CreateDirectory(Path.Combine(_folder.FullName, "saved"));
        await File.WriteAllLinesAsync(
            Path.Combine(saving.FullName, "saved.log"), lines.Where(line => !line.Contains("\"event\":\"gap\"", StringComparison.Ordinal)));
        var saved = await RecordedKeys.ReadAsync(saving.FullName);
        saving.Delete(recursive: true);
        var recorded = await RecordedKeys.ReadAsync(_folder.FullName);
        foreach (var (trId, key) in (ReadOnlySpan<(string, string)>)[("H0UPCNT0", "0001"), ("H0STASP0", "005930")])
        {
            saved.Of(trId, key).Count.ShouldBeGreaterThan(20);
            saved.Of(trId, key).ShouldBe(recorded.Of(trId, key).Where(item => item.Json is not null).Take(saved.Of(trId, key).Count));
        }

        lines.Count(IsLive).ShouldBe(1);
    }

    [Fact]
    public async Task Pages_of_the_past_have_every_record_once()
    {
        var begin = DateTimeOffset.UtcNow.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", null);
        await using var testGateway = await OpenAsync(recorded: 100);
        var records = new List<string>();
        var from = begin;
        for (var pages = 0; pages < 5; pages++)
        {
            var page = (await testGateway.GetAsync($"/v1/records?subscribe=index:0001,H0STASP0:005930&limit=37&from={from}")).Json;
            page.GetProperty("items").GetArrayLength().ShouldBe(37);
            page.GetProperty("more").GetBoolean().ShouldBeTrue();
            records.AddRange(
                page.GetProperty("items").EnumerateArray().Where(item => item.TryGetProperty("trId", out _)).Select(PositionOf));
            from = page.GetProperty("next").GetString();
        }

        var csv = (await testGateway.GetAsync($"/v1/records?subscribe=index:0001&format=csv&from={begin}&limit=10")).Body.Split("\r\n");
        await testGateway.Gateway.StopAsync();

        var recorded = await RecordedKeys.ReadAsync(_folder.FullName);
        var expected = recorded.Of("H0UPCNT0", "0001").Concat(recorded.Of("H0STASP0", "005930")).Where(item => item.Json is not null)
            .OrderBy(item => item.At).Take(records.Count);
        records.ShouldBe(expected.Select(item => PositionOf(JsonSerializer.Deserialize<JsonElement>(item.Json!))));
        csv[0].ShouldStartWith("receivedAt,exchangeTime,feed,key,record,code,time,price");
        csv.Count(line => line.Contains(",H0UPCNT0,0001,", StringComparison.Ordinal)).ShouldBeInRange(9, 10, "a gap may be among them");

        static string PositionOf(JsonElement record) => $"{record.GetProperty("trId")}{record.GetProperty("receivedAt")}";
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Pages_that_begin_between_a_restart_and_the_first_record_of_a_key_have_its_gap(int limit)
    {
        WriteRun(s_nine, "0001", "1001");
        WriteRun(s_nine.AddMinutes(5), "0001", "1001");
        await using var testGateway = await OpenAsync();

        var items = new List<string>();
        for (var (from, hasMore) = ("2026-11-20", true); hasMore;)
        {
            var page = (await testGateway.GetAsync(
                $"/v1/records?subscribe=index:0001,index:1001&limit={limit}&from={from}&to=2026-11-21")).Json;
            items.AddRange(page.GetProperty("items").EnumerateArray().Select(
                item => item.TryGetProperty("gap", out var gap) ? $"gap {gap.GetProperty("key")}" : $"record {item.GetProperty("key")}"));
            (from, hasMore) = (page.GetProperty("next").GetString()!, page.GetProperty("more").GetBoolean());
        }

        items.ShouldBe(["gap 0001", "record 0001", "gap 1001", "record 1001", "gap 0001", "record 0001", "gap 1001", "record 1001"]);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2099-01-01")]
    [InlineData("-1")]
    [InlineData("25:00")]
    public async Task An_invalid_beginning_is_refused(string from)
    {
        await using var testGateway = await TestGateway.OpenAsync();

        var reply = await testGateway.GetAsync($"/v1/stream?subscribe=index:0001&from={from}");

        reply.Status.ShouldBe(400);
        reply.Body.ShouldContain("The parameter from is not valid");
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Every_record_comes_once_whatever_happens()
    {
        for (var i = 0; i < Math.Max(1, TestRun.Of(2, "KISFEED_HISTORY_RUNS")); i++)
        {
            await RunAsync(TestRun.Seed + i);
            _folder.Delete(recursive: true);
            _folder.Create();
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    // Streams that begin at random moments, break and resume, while connections are lost, files are full and the gateway restarts.
    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var testGateway = await OpenAsync(random: random);
        var followers = new List<StreamFollower>();
        var begin = DateTimeOffset.UtcNow;
        for (var step = 0; step < 40; step++)
        {
            switch (random.Next(12))
            {
                case 0 or 1:
                    followers.Add(StreamFollower.Any(testGateway, s_keys, begin, random));
                    break;
                case 2:
                    testGateway.Simulator.DropConnections();
                    break;
                case 3 when step % 3 == 0:
                    await testGateway.RestartGatewayAsync(options => Recording(options, random));
                    break;
                case 4 when followers.Count > 0:
                    await followers[random.Next(followers.Count)].BreakAsync();
                    break;
                case 5 when followers.Count > 0:
                    await followers[random.Next(followers.Count)].CatchUpAsync();
                    break;
                case var _ when followers.Count > 0:
                    await followers[random.Next(followers.Count)].ReadAsync(random.Next(1, 1_000));
                    break;
            }
        }

        foreach (var follower in followers)
        {
            await follower.BreakAsync();
            await follower.ReadAsync(500);
        }

        await testGateway.Gateway.DisposeAsync();
        await HistoryFollower.CheckAllAsync(followers, await RecordedKeys.ReadAsync(_folder.FullName), seed);
    }

    // The keys are registered at once, and a record of each follows a second after that of the one before.
    private void WriteRun(DateTimeOffset at, params string[] keys)
    {
        using var writer = new CaptureWriter(new CaptureWriterOptions { Directory = _folder.FullName });
        foreach (var key in keys)
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Registered, At = at, TrId = TestGateway.Index, Key = key });
        foreach (var (i, key) in keys.Index())
        {
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.First,
                At = at.AddSeconds(i + 1).AddTicks(-1),
                TrId = TestGateway.Index,
                Key = key,
            });
            writer.Write(TestGateway.Index, Encoding.ASCII.GetBytes(TestFrames.Index(key)), at.AddSeconds(i + 1));
        }

        writer.Close();
    }

    private static bool IsLive(string line) =>
        line.StartsWith("# {", StringComparison.Ordinal) && line.Contains("\"event\":\"live\"", StringComparison.Ordinal);

    private static async Task<List<string>> ReadLinesAsync(GatewayServer gateway, string query, bool isWebSocket, int count)
    {
        var lines = new List<string>();
        if (isWebSocket)
        {
            await using var client = await SocketClient.OpenAsync(gateway, query);
            var buffer = new byte[64 * 1024];
            while (lines.Count < count || !lines.Exists(IsLive))
            {
                lines.AddRange(
                    Encoding.UTF8.GetString(
                        buffer, 0, (await client.Socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience.Limit)).Count)
                        .Split('\n'));
            }
            return lines;
        }

        using var http = new HttpClient { Timeout = Patience.Limit };
        using var reader = new StreamReader(await http.GetStreamAsync(new Uri(gateway.RestUrl, $"/v1/stream?{query}")));
        while (lines.Count < count || !lines.Exists(IsLive))
            lines.Add((await reader.ReadLineAsync().WaitAsync(Patience.Limit)).ShouldNotBeNull());
        return lines;
    }

    private static Task<StreamEvent> UntilKeyAsync(SocketClient socket, string key) =>
        socket.UntilAsync(item => item.IsRecord && item.Key == key);

    // Slow enough that a stream on a busy machine still reads faster than the recording grows.
    private async Task<TestGateway> OpenAsync(int recorded = 0, Random? random = null)
    {
        var simulator = new SimulatorOptions { Rate = 500, Seed = random?.Next() ?? 1 };
        var testGateway = await TestGateway.OpenAsync(simulator, options => Recording(options, random));
        await testGateway.UntilRecordedAsync(recorded);
        return testGateway;
    }

    private GatewayOptions Recording(GatewayOptions options, Random? random)
    {
        options = TestGateway.Recording(options, _folder, s_keys);
        return options with
        {
            ReplayBufferBytes = (random?.Next(3) ?? 10) * 100_000,
            Recording = options.Recording! with { FlushInterval = TimeSpan.FromMilliseconds(random?.Next(50, 2_000) ?? 1_000) },
        };
    }
}
