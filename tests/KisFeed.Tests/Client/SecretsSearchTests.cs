using System.Text;
using KisFeed.Feeds;
using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Nothing that a client emits by itself contains a secret, whatever happens.</summary>
public sealed class SecretsSearchTests : IDisposable
{
    private const string HtsId = "HtsIdOfAnna7";
    private const string OtherHtsId = "HtsIdOfBoris8";
    private const string WrongSecret = "d3JvbmdzZWNyZXR3cm9uZ3NlY3JldHdyb25nc2VjcmV0d3Jvbmc=";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-secrets-");
    private readonly SecretSearch _search = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_day_with_the_simulator_lets_nothing_secret_out()
    {
        foreach (var (name, secret) in new[] { ("app key", AppKey), ("app secret", AppSecret), ("HTS ID", HtsId), ("another HTS ID", OtherHtsId), ("wrong secret", WrongSecret) })
            _search.Add(name, secret);
        using var emissions = new Emissions();
        using var simulatorLoggers = new RecordingLoggers();
        await using var server = await StartAsync(options: new SimulatorOptions { AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId, LoggerFactory = simulatorLoggers });
        await using var relay = await SecretsRelay.StartAsync(server.WebSocketUrl, _search);
        var keyFile = Path.Combine(_folder.FullName, "approval-keys.json");
        var options = OptionsFor(server) with
        {
            HtsId = HtsId,
            WebSocketUrl = new UriBuilder(relay.Url) { UserName = HtsId, Password = AppSecret, Query = $"key={AppKey}" }.Uri,
            ClientName = "day",
            LoggerFactory = emissions,
            ApprovalKeys = ApprovalKeyCache.InFile(keyFile),
            // The simulator may still hold the app key of the session that it has just dropped.
            Reconnect = new ReconnectPolicy { InitialDelay = TimeSpan.FromMilliseconds(10), AppKeyInUseDelay = TimeSpan.FromMilliseconds(10), AttemptsPerMinute = 1000, AttemptsPerHour = 1000 },
        };
        await using (var client = await KisFeedClient.ConnectAsync(options))
        {
            await LiveAsync(client, server, emissions);
            emissions.Add("error", await ErrorOfAsync(async () =>
            {
                await using var second = await KisFeedClient.ConnectAsync(options with { Reconnect = ReconnectPolicy.Never });
                await second.SubscribeAsync(IndexTrade.Feed, "0001");
            }));
            emissions.Measure();
        }

        var wrong = options with { AppSecret = WrongSecret };
        emissions.Add("error", await ErrorOfAsync(() => KisFeedClient.ConnectAsync(wrong)));
        await server.StopAsync();
        emissions.Add("error", await ErrorOfAsync(() => KisFeedClient.ConnectAsync(options with { WebSocketUrl = server.WebSocketUrl, ApprovalKeys = new() })));
        foreach (var text in new object[] { options, wrong, options.ApprovalKeys, new AppCredentials { AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId } })
            emissions.Add("text", text);

        // A search without secrets would find nothing.
        relay.Seen.ShouldBeGreaterThan(6);
        emissions.Count("log").ShouldBeGreaterThan(10);
        emissions.Count("activity", "kisfeed.subscribe").ShouldBeGreaterThan(3);
        emissions.Count("measurement", "kisfeed.refusals").ShouldBeGreaterThan(1);
        emissions.Count("event").ShouldBeGreaterThan(1);
        foreach (var happened in new[] { nameof(RegistrationConfirmed), nameof(RegistrationRefused), nameof(SessionLost), nameof(SessionConnected), nameof(Gap), nameof(MalformedFrame) })
            emissions.Count("tap event", happened).ShouldBeGreaterThan(0, happened);
        emissions.Count("error").ShouldBe(7);
        simulatorLoggers.Messages.Count.ShouldBeGreaterThan(10);
        _search.ShouldFindNothingIn(emissions.Texts);

        // The simulator logs the HTS ID for debugging.
        _search.ShouldFindNothingIn(simulatorLoggers.Messages.Where(m => !m.StartsWith("Debug ", StringComparison.Ordinal)));
        await SearchFilesAsync(keyFile, relay.ApprovalKey);
    }

    [Fact]
    public void The_search_finds_what_is_there()
    {
        const string Secret = "s3cret/+ key";
        _search.Add("it", Secret);
        var bytes = Encoding.UTF8.GetBytes(Secret);
        _search.FindIn($"x{Secret}y").ShouldBe(["it"]);
        _search.FindIn($"x{Secret.ToUpperInvariant()}y").ShouldBe(["it"]);
        _search.FindIn($"?q={Uri.EscapeDataString(Secret)}&").ShouldBe(["it, URL-encoded"]);
        _search.FindIn(Convert.ToHexStringLower([1, .. bytes, 2])).ShouldBe(["it, hexadecimal"]);
        for (var before = 0; before < 6; before++)
            _search.FindIn(Convert.ToBase64String([.. new byte[before], .. bytes, 1, 2, 3])).ShouldBe(["it, base64"]);
        _search.FindIn("nothing of it").ShouldBeEmpty();
        Should.Throw<ShouldAssertException>(() => _search.ShouldFindNothingIn(["x", Secret]));
    }

    [Fact]
    public async Task The_search_finds_a_secret_that_a_consumer_logs()
    {
        _search.Add("app key", AppKey);
        using var emissions = new Emissions();
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { ClientName = AppKey, LoggerFactory = emissions });
        var index = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in _) => throw new InvalidOperationException(AppKey));
        while (index.HandlerErrors < 2)
            await Task.Delay(1);
        emissions.Measure();
        await client.DisposeAsync();
        foreach (var kind in new[] { "log", "measurement", "activity" })
            emissions.Texts.Where(t => t.StartsWith(kind, StringComparison.Ordinal)).SelectMany(_search.FindIn).Count(name => name == "app key").ShouldBeGreaterThan(0, kind);
    }

    private async Task LiveAsync(KisFeedClient client, SimulatorServer server, Emissions emissions)
    {
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, HtsId);
        await using var frames = await client.SubscribeAsync(ProgramTrade.Consolidated.Schema, "005930");
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in _) => throw new InvalidOperationException("a consumer's"), e => emissions.Add("event", e));
        await using var tap = client.OpenTap();
        await tap.AddAsync(OrderNotice.Feed.Schema, HtsId);
        emissions.Add("error", await ErrorOfAsync(() => tap.AddAsync(OrderNotice.Feed.Schema, OtherHtsId)));
        emissions.Add("error", await ErrorOfAsync(() => tap.AddAsync(BondTrade.Feed.Schema, AppKey)));
        emissions.Add("error", await ErrorOfAsync(() => client.SubscribeAsync(OrderNotice.Feed, OtherHtsId)));
        emissions.Add("error", await ErrorOfAsync(() => client.SubscribeAsync(BondTrade.Feed, AppKey)));
        foreach (var record in await TakeAsync(notices.ReadAllAsync(), 2))
        {
            _search.Add("account number", record.AccountNumber!);
            emissions.Add("record", record);
        }

        foreach (var item in await TakeAsync(frames.ReadAllAsync(), 2))
            emissions.Add("frame", item.Frame);
        server.SetFaults(SimulatorFaults.Parse("garbage=0.5"));
        server.DropConnections();
        var gaps = 0;
        await foreach (var item in notices.ReadItemsAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token))
        {
            emissions.Add(item.IsRecord ? "record" : "event", item.IsRecord ? item.Record : item.Event);
            gaps += item.Event is Gap ? 1 : 0;
            if (gaps > 0 && item.Event is MalformedFrame)
                break;
        }

        server.SetFaults(SimulatorFaults.None);
        while (tap.TryRead(out var item))
        {
            emissions.Add("tapped", item);
            if (item.Event is { } happened)
                emissions.Add("tap event", happened);
        }

        foreach (var text in client.Registrations.Cast<object>().Concat(client.Sessions).Concat([notices, frames, index, tap, notices.Feed, client]))
            emissions.Add("text", text);
        emissions.Measure();
    }

    private async Task SearchFilesAsync(string keyFile, string approvalKey)
    {
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            var text = await File.ReadAllTextAsync(file.FullName);
            var found = _search.FindIn(text).Where(name => file.FullName != keyFile || name != "approval key");
            found.ShouldBeEmpty(file.FullName);
        }

        // The file exists to store it; therefore only its owner may read it.
        (await File.ReadAllTextAsync(keyFile)).ShouldContain(approvalKey);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(keyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static async Task<KisFeedException> ErrorOfAsync(Func<Task> act) => await Should.ThrowAsync<KisFeedException>(act);
}
