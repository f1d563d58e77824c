using System.Net;
using KisFeed.Capture;
using KisFeed.Simulator.Replay;

namespace KisFeed.Simulator.Tests.Replay;

/// <summary>A replay over real sockets, with a client that shares no code with the library.</summary>
public sealed class ReplayServerTests : IDisposable
{
    private const string Index = "H0UPCNT0";

    // A frame every 100 ms from 09:00 Korean time, for two keys alternately.
    private const int Count = 100;

    private readonly CaptureFolder _folder = new();

    public ReplayServerTests()
    {
        using var writer = _folder.Write();
        for (var i = 0; i < Count; i++)
            writer.Write(Index, Ticks.Index(i, i % 2 == 0 ? "0001" : "1001"), Ticks.Opening.AddMilliseconds(i * 100));
        writer.Close();
    }

    private ReplayOptions Immediate => new() { Capture = CaptureReader.Open(_folder.Path), Speed = ReplaySpeed.Unlimited, Wait = 2 };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Frames_are_sent_after_the_answers_and_the_connection_stays_open()
    {
        await using var server = await ReplayServer.StartAsync(Immediate);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        (await client.RegisterAsync(Index, "1001")).IsSuccess.ShouldBeTrue();
        (await client.RegisterAsync(Index, "2001")).IsSuccess.ShouldBeTrue();

        for (var i = 1; i < Count; i += 2)
            (await client.ReceiveFrameAsync()).ShouldBe(Text(i, "1001"));
        await server.Ended.WaitAsync(Patience.Limit);
        (await client.ReleaseAsync(Index, "2001")).IsSuccess.ShouldBeTrue();
        server.Statistics.ShouldBe(
            new ReplayStatistics(1, 1, Count, Count / 2, Ticks.Opening.AddMilliseconds((Count - 1) * 100), 0, 0, 1, 1));
    }

    [Fact]
    public async Task Clients_of_a_revision_get_its_columns_and_single_records()
    {
        using var folder = new CaptureFolder();
        using (var writer = folder.Write())
        {
            writer.Write(Index, Encoding.UTF8.GetBytes($"0|{Index}|002|{Record(0, "0001")}^{Record(1, "0001")}"), Ticks.Opening);
            writer.Close();
        }

        var options = new ReplayOptions
        {
            Capture = CaptureReader.Open(folder.Path),
            Speed = ReplaySpeed.Unlimited,
            Wait = 4,
            Revision = $"{Index}=2",
            AesPerRegistration = true,
        };
        await using var server = await ReplayServer.StartAsync(options);
        await using var narrow = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await using var single = await FeedClient.ConnectAsync(server.WebSocketUrl, path: "/revision/single/tryitout");
        var first = await narrow.RegisterAsync("H0IFCNI0", "anna");
        var second = await narrow.RegisterAsync("H0IFCNI0", "boris");
        first.NoticeKey!.Matches(second.NoticeKey!).ShouldBeFalse();
        await narrow.RegisterAsync(Index, "0001");
        await single.RegisterAsync(Index, "0001");

        (await narrow.ReceiveFrameAsync()).ShouldBe($"0|{Index}|002|{Cut(0)}^{Cut(1)}");
        (await single.ReceiveFrameAsync()).ShouldBe($"0|{Index}|001|{Record(0, "0001")}");
        (await single.ReceiveFrameAsync()).ShouldBe($"0|{Index}|001|{Record(1, "0001")}");
        (await Should.ThrowAsync<ArgumentException>(ReplayServer.StartAsync(options with { Revision = "1999" }))).Message
            .ShouldContain("'1999' is not a revision");

        static string Record(int i, string key) => Text(i, key).Split('|', 4)[3];
        static string Cut(int i) => string.Join('^', Record(i, "0001").Split('^').Take(2));
    }

    [Fact]
    public async Task Connections_share_a_clock_unless_their_address_has_parameters()
    {
        await using var server = await ReplayServer.StartAsync(Immediate with { Wait = 3 });
        await using var first = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await using var second = await FeedClient.ConnectAsync(server.WebSocketUrl, path: "/tryitout/H0UPCNT0");
        await using var own = await FeedClient.ConnectAsync(server.WebSocketUrl, path: "/tryitout?from=09:00:01&to=09:00:02&wait=1");
        await first.RegisterAsync(Index, "0001");
        await second.RegisterAsync(Index, "0001");

        await own.RegisterAsync(Index, "0001");
        for (var i = 10; i < 20; i += 2)
            (await own.ReceiveFrameAsync()).ShouldBe(Text(i, "0001"));

        await second.RegisterAsync(Index, "1001");
        first.Frames.ShouldBeEmpty();
        for (var i = 0; i < Count; i++)
        {
            if (i % 2 == 0)
                (await first.ReceiveFrameAsync()).ShouldBe(Text(i, "0001"));
            (await second.ReceiveFrameAsync()).ShouldBe(Text(i, i % 2 == 0 ? "0001" : "1001"));
        }

        own.Frames.Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_separate_clock_starts_with_each_connection_and_may_loop()
    {
        await using var server = await ReplayServer.StartAsync(Immediate with { To = CaptureTime.At(new TimeOnly(9, 0, 0, 200)) });
        for (var i = 0; i < 2; i++)
        {
            await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl, path: "/tryitout?loop&wait=1");
            await client.RegisterAsync(Index, "1001");
            for (var round = 0; round < 10; round++)
                (await client.ReceiveFrameAsync()).ShouldBe(Text(1, "1001"));
        }
    }

    [Theory]
    [InlineData("speed=fast", "speed cannot be 'fast'")]
    [InlineData("sped=10", "no parameter 'sped'")]
    public async Task An_invalid_address_is_answered_with_the_error(string query, string problem)
    {
        await using var server = await ReplayServer.StartAsync(Immediate);
        using var http = new HttpClient { BaseAddress = server.RestUrl, Timeout = Patience.Limit };
        using var response = await http.GetAsync(new Uri($"/tryitout?{query}", UriKind.Relative));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).ShouldContain(problem);
        server.Statistics.ConnectionsAccepted.ShouldBe(0);
        await Should.ThrowAsync<System.Net.WebSockets.WebSocketException>(
            () => FeedClient.ConnectAsync(server.WebSocketUrl, path: $"/tryitout?{query}"));
    }

    [Fact]
    public async Task Queued_frames_can_be_read_after_the_server_stops()
    {
        await using var server = await ReplayServer.StartAsync(Immediate);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(Index, "0001");
        await client.RegisterAsync(Index, "1001");
        await server.Ended.WaitAsync(Patience.Limit);

        var stopping = server.StopAsync(Patience.Limit);
        for (var i = client.Frames.Count; i < Count; i++)
            await client.ReceiveFrameAsync();
        (await client.ReceiveAsync()).ShouldBeNull();
        await client.CloseAsync();
        await stopping.WaitAsync(Patience.Limit);

        client.Frames.Count.ShouldBe(Count);
    }

    [Fact]
    public async Task Problems_in_a_capture_are_logged_and_counted_and_the_rest_is_sent()
    {
        var line = Encoding.UTF8.GetString(Ticks.Index(0));
        _folder.Put(
            "broken.log",
            Encoding.UTF8.GetBytes(
                $"2026-11-20T00:00:00.0000001Z {line}\nnonsense\n2026-11-20T00:00:00.0000003Z {line}\n2026-11-20T00:00:00.00"));
        using var log = new RecordingLoggerFactory();
        var options =
            Immediate with { Capture = CaptureReader.Open(Path.Combine(_folder.Path, "broken.log")), Wait = 1, LoggerFactory = log };
        await using var server = await ReplayServer.StartAsync(options);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(Index, "0001");

        (await client.ReceiveFrameAsync()).ShouldBe(line);
        (await client.ReceiveFrameAsync()).ShouldBe(line);
        await server.Ended.WaitAsync(Patience.Limit);

        server.Statistics.Problems.ShouldBe(2);
        log.Entries.Count(entry => entry.Text.StartsWith("Problem in the capture: ", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Invalid_options_are_named_and_secrets_are_not_printed()
    {
        (string Name, ReplayOptions Options)[] cases =
        [
            ("Capture", Immediate with { Capture = null! }),
            ("Port", Immediate with { Port = 65536 }),
            ("Address", Immediate with { Address = "somewhere" }),
            ("Speed", Immediate with { Speed = 0 }),
            ("Speed", Immediate with { Speed = double.NaN }),
            ("Wait", Immediate with { Wait = 0 }),
            ("MaxRegistrations", Immediate with { MaxRegistrations = 0 }),
            ("HeartbeatInterval", Immediate with { HeartbeatInterval = TimeSpan.Zero }),
            ("SlowClientLimit", Immediate with { SlowClientLimit = TimeSpan.Zero }),
        ];
        foreach (var (name, options) in cases)
            (await Should.ThrowAsync<ArgumentException>(() => ReplayServer.StartAsync(options))).ParamName.ShouldBe(name);
        (Immediate with { AppKey = "hidden", AppSecret = "hidden" }).ToString().ShouldNotContain("hidden");
    }

    [Fact]
    public async Task PacedCapture_returns_the_frames_at_the_same_pace()
    {
        var time = new ManualTimeProvider();
        await using var items = PacedCapture.ReadItemsAsync(CaptureReader.Open(_folder.Path), 2, time).GetAsyncEnumerator();
        do
            (await items.MoveNextAsync()).ShouldBeTrue();
        while (!items.Current.IsFrame);
        var next = items.MoveNextAsync();
        await time.TimerDueInAsync(TimeSpan.FromMilliseconds(50));
        next.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMilliseconds(50));
        (await next.AsTask().WaitAsync(Patience.Limit)).ShouldBeTrue();
        Encoding.UTF8.GetString(items.Current.Frame.Bytes.Span).ShouldBe(Text(1, "1001"));

        Should.Throw<ArgumentOutOfRangeException>(() => PacedCapture.ReadItemsAsync(CaptureReader.Open(_folder.Path), 0));
    }

    private static string Text(int number, string key) => Encoding.UTF8.GetString(Ticks.Index(number, key));
}
