using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Gateway.Tests.Web.Streaming;
using Xunit.Abstractions;

namespace KisFeed.Gateway.Tests.Load;

/// <summary>Consumers of every kind stop reading while tens of megabytes pass.</summary>
[Collection(MemoryCollection.Name)]
public sealed class DeafConsumerTests(ITestOutputHelper report) : IDisposable
{
    private const int Queue = 500;
    private const int EnoughDropped = 40_000;
    private const int FramesAfter = 1_000;
    private const long MostMemory = 32 << 20;

    private readonly Household _household = new();

    public void Dispose() => _household.Dispose();

    [Fact]
    public async Task Who_stops_reading_takes_bounded_memory_and_is_told_what_it_missed_and_the_others_get_everything()
    {
        foreach (var name in (string[])["oldest", "latest", "socket", "broker", "reader"])
            await _household.AddAsync(name);
        await using var stage = await NumberedStage.OpenAsync(
            new() { Burst = 100, Pause = TimeSpan.FromMilliseconds(8) },
            options => options with { TokenFile = _household.TokenFile, MaxQueueBytes = 4 << 20, HistoryBytes = 1 << 20 });
        await using var clients = new ClientSet();
        var enough = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = clients.Add(await SseClient.OpenAsync(stage.Gateway, $"subscribe={NumberedStage.Subscribe}&queue=65536", Credentials("reader")));
        var connection = clients.Add(await stage.ConnectAsync(await ApprovalKeyAsync(stage, "reader")));
        var readers = Task.WhenAll(Task.Run(() => ReadStreamAsync(stream, enough.Task)), Task.Run(() => ReadFramesAsync(connection, enough.Task)));
        var oldest = clients.Add(await SseClient.OpenAsync(stage.Gateway, $"subscribe={NumberedStage.Subscribe}&queue={Queue}", Credentials("oldest")));
        var latest = clients.Add(await SseClient.OpenAsync(stage.Gateway, $"subscribe={NumberedStage.Subscribe}&queue={Queue}&overflow=latest", Credentials("latest")));
        var socket = clients.Add(await SocketClient.OpenAsync(stage.Gateway, $"subscribe={NumberedStage.Subscribe}&queue={Queue}&approval_key={await ApprovalKeyAsync(stage, "socket")}"));
        var deafs = new[] { new DeafStream("oldest", oldest.NextAsync), new DeafStream("latest", latest.NextAsync), new DeafStream("socket", socket.NextAsync) };
        foreach (var deaf in deafs)
            await deaf.BeginAsync();
        var broker = clients.Add(await stage.ConnectAsync(await ApprovalKeyAsync(stage, "broker")));

        // Nobody reads what is sent to these four from here on until the last one is closed.
        var closed = stage.Log.EventAsync(80);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await closed.WaitAsync(Patience.Limit);

        // From its close on it has only so long to read what waits.
        var lastWords = Task.Run(() => ReadToTheEndAsync(broker));
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        await Patience.UntilAsync(() => deafs.All(deaf => AccountOf(stage, deaf.Name).Counts.Dropped > TestRun.Of(EnoughDropped)));
        grown = Math.Max(grown, GC.GetTotalMemory(forceFullCollection: true) - before);
        var waiting = (await StatusAsync(stage, "oldest")).GetProperty("waiting");
        waiting.GetProperty("records").GetInt64().ShouldBeInRange(1, Queue);
        waiting.GetProperty("bytes").GetInt64().ShouldBeGreaterThan(0);
        await lastWords;
        enough.SetResult(stage.Service.SentOn(0) + FramesAfter);
        await readers;
        await stage.Service.PauseAsync();
        var total = stage.Service.SentOn(0);
        foreach (var deaf in deafs)
            await deaf.ReadOnAsync(total);

        report.WriteLine($"{total} frames; {string.Join(", ", deafs.Select(deaf => $"{deaf.Name} missed {deaf.Dropped} records"))}; memory grew by {grown >> 10} KiB");
        grown.ShouldBeLessThan(MostMemory);
        foreach (var deaf in deafs)
            (await StatusAsync(stage, deaf.Name)).GetProperty("dropped").GetInt64().ShouldBe(deaf.Dropped);
        (await StatusAsync(stage, "broker")).GetProperty("slowCloses").GetInt64().ShouldBe(1);
        var reader = await StatusAsync(stage, "reader");
        reader.GetProperty("dropped").GetInt64().ShouldBe(0);
        reader.GetProperty("slowCloses").GetInt64().ShouldBe(0);
        stage.Gateway.Status.FramesDropped.ShouldBe(0);
    }

    private static async Task ReadStreamAsync(SseClient stream, Task<int> enough)
    {
        var witness = new StreamWitness();
        while (!enough.IsCompleted || !witness.HasAll(0, await enough))
            witness.See((await stream.NextAsync()).ShouldNotBeNull("the stream has ended"));
        witness.Gaps.ShouldBe(0);
    }

    private static async Task ReadFramesAsync(FeedClient connection, Task<int> enough)
    {
        var next = NumberOf(await connection.ReceiveFrameAsync()) + 1;
        while (!enough.IsCompleted || next < await enough)
        {
            (await connection.ReceiveFrameAsync()).ShouldBe(NumberedService.Frame(0, next++));
            connection.Frames.Clear();
        }
    }

    // All that was sent before it was given up is there, and then why.
    private static async Task ReadToTheEndAsync(FeedClient connection)
    {
        var next = NumberOf(await connection.ReceiveFrameAsync()) + 1;
        while (await connection.ReceiveAsync() is { } text)
            text.ShouldBe(NumberedService.Frame(0, next++));
        connection.Socket.CloseStatus.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        connection.Socket.CloseStatusDescription.ShouldNotBeNull().ShouldStartWith("too slow");
    }

    private static Account AccountOf(NumberedStage stage, string name) => stage.Gateway.Accounts.All.Single(account => account.Name == name);

    private static int NumberOf(string frame) => NumberedService.NumberOf(Encoding.UTF8.GetBytes(frame)).Number;

    private (string Name, string Value) Credentials(string name) => ("Authorization", WebClient.Basic(_household[name])["Authorization: ".Length..]);

    private Task<string> ApprovalKeyAsync(NumberedStage stage, string name) => RestClient.ApprovalKeyAsync(stage.Gateway.RestUrl, _household[name].AppKey, _household[name].AppSecret);

    private async Task<JsonElement> StatusAsync(NumberedStage stage, string name)
    {
        using var http = new HttpClient();
        var (header, value) = Credentials(name);
        http.DefaultRequestHeaders.Add(header, value);
        using var status = JsonDocument.Parse(await http.GetStringAsync(new Uri(stage.Gateway.RestUrl, "/v1/status")));
        var consumer = status.RootElement.GetProperty("consumers").EnumerateArray().ToList().ShouldHaveSingleItem();
        consumer.GetProperty("name").GetString().ShouldBe(name);
        return consumer.Clone();
    }
}
