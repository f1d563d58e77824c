using KisFeed.Simulator;
using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Nothing that a client emits contains a secret.</summary>
public sealed class SecretsSearchTests : IDisposable
{
    private const string HtsId = "HtsIdOfAnna7";
    private const string OtherHtsId = "HtsIdOfBoris8";
    private const string WrongSecret = "d3JvbmdzZWNyZXR3cm9uZ3NlY3JldHdyb25nc2VjcmV0d3Jvbmc=";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-secrets-");
    private readonly SecretSearch _search = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_day_with_the_simulator_emits_no_secret()
    {
        foreach (var (name, secret) in new[]
        {
            ("app key", AppKey),
            ("app secret", AppSecret),
            ("HTS ID", HtsId),
            ("another HTS ID", OtherHtsId),
            ("wrong secret", WrongSecret),
        })
        {
            _search.Add(name, secret);
        }
        using var telemetry = new EmittedTelemetry();
        using var simulatorLoggers = new RecordingLoggerFactory();
        await using var server = await StartAsync(
            options: new SimulatorOptions { AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId, LoggerFactory = simulatorLoggers });
        await using var relay = await SecretsRelay.StartAsync(server.WebSocketUrl, _search);
        var keyFile = Path.Combine(_folder.FullName, "approval-keys.json");
        var options = OptionsFor(server) with
        {
            HtsId = HtsId,
            WebSocketUrl = new UriBuilder(relay.Url) { UserName = HtsId, Password = AppSecret, Query = $"key={AppKey}" }.Uri,
            ClientName = "day",
            LoggerFactory = telemetry,
            ApprovalKeys = ApprovalKeyCache.InFile(keyFile),
            // The simulator may still hold the app key of the session that it has just dropped.
            Reconnect = new ReconnectPolicy
            {
                InitialDelay = TimeSpan.FromMilliseconds(10),
                AppKeyInUseDelay = TimeSpan.FromMilliseconds(10),
                AttemptsPerMinute = 1000,
                AttemptsPerHour = 1000,
            },
        };
        await using (var client = await KisFeedClient.ConnectAsync(options))
        {
            await UseAsync(client, server, telemetry);
            telemetry.Add("error", await ErrorOfAsync(async () =>
            {
                await using var second = await KisFeedClient.ConnectAsync(options with { Reconnect = ReconnectPolicy.Never });
                await second.SubscribeAsync(IndexTrade.Feed, "0001");
            }));
            telemetry.Measure();
        }

        var wrongOptions = options with { AppSecret = WrongSecret };
        telemetry.Add("error", await ErrorOfAsync(() => KisFeedClient.ConnectAsync(wrongOptions)));
        await server.StopAsync();
        telemetry.Add(
            "error",
            await ErrorOfAsync(
                () => KisFeedClient.ConnectAsync(options with { WebSocketUrl = server.WebSocketUrl, ApprovalKeys = new() })));
        foreach (var text in new object[]
        {
            options,
            wrongOptions,
            options.ApprovalKeys,
            new AppCredentials { AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId },
        })
        {
            telemetry.Add("text", text);
        }

        // Proves that the search knew secrets to look for.
        relay.Seen.ShouldBeGreaterThan(6);
        telemetry.Count("log").ShouldBeGreaterThan(10);
        telemetry.Count("activity", "kisfeed.subscribe").ShouldBeGreaterThan(3);
        telemetry.Count("measurement", "kisfeed.refusals").ShouldBeGreaterThan(1);
        telemetry.Count("event").ShouldBeGreaterThan(1);
        foreach (var feedEvent in new[]
        {
            nameof(RegistrationConfirmed),
            nameof(RegistrationRefused),
            nameof(SessionLost),
            nameof(SessionConnected),
            nameof(Gap),
            nameof(MalformedFrame),
        })
        {
            telemetry.Count("tap event", feedEvent).ShouldBeGreaterThan(0, feedEvent);
        }
        telemetry.Count("error").ShouldBe(7);
        simulatorLoggers.Lines.Count.ShouldBeGreaterThan(10);
        _search.ShouldFindNothingIn(telemetry.Texts);

        // The simulator logs the HTS ID for debugging.
        _search.ShouldFindNothingIn(simulatorLoggers.Lines.Where(m => !m.StartsWith("Debug ", StringComparison.Ordinal)));
        await SearchFilesAsync(keyFile, relay.ApprovalKey);
    }

    [Fact]
    public void The_search_finds_a_secret_in_every_form()
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
        _search.FindIn("none of them").ShouldBeEmpty();
        Should.Throw<ShouldAssertException>(() => _search.ShouldFindNothingIn(["x", Secret]));
    }

    [Fact]
    public async Task The_search_finds_a_secret_logged_by_a_consumer()
    {
        _search.Add("app key", AppKey);
        using var telemetry = new EmittedTelemetry();
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(
            OptionsFor(server) with { ClientName = AppKey, LoggerFactory = telemetry });
        var index = await client.SubscribeAsync(IndexTrade.Feed, "0001", (in _) => throw new InvalidOperationException(AppKey));
        while (index.HandlerErrors < 2)
            await Task.Delay(1);
        telemetry.Measure();
        await client.DisposeAsync();
        foreach (var kind in new[] { "log", "measurement", "activity" })
        {
            telemetry.Texts.Where(t => t.StartsWith(kind, StringComparison.Ordinal)).SelectMany(_search.FindIn)
                .Count(name => name == "app key").ShouldBeGreaterThan(0, kind);
        }
    }

    private async Task UseAsync(KisFeedClient client, SimulatorServer server, EmittedTelemetry telemetry)
    {
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, HtsId);
        await using var frames = await client.SubscribeAsync(ProgramTrade.Consolidated.Schema, "005930");
        await using var index = await client.SubscribeAsync(
            IndexTrade.Feed, "0001", (in _) => throw new InvalidOperationException("a consumer's"), e => telemetry.Add("event", e));
        await using var tap = client.OpenTap();
        await tap.AddAsync(OrderNotice.Feed.Schema, HtsId);
        telemetry.Add("error", await ErrorOfAsync(() => tap.AddAsync(OrderNotice.Feed.Schema, OtherHtsId)));
        telemetry.Add("error", await ErrorOfAsync(() => tap.AddAsync(BondTrade.Feed.Schema, AppKey)));
        telemetry.Add("error", await ErrorOfAsync(() => client.SubscribeAsync(OrderNotice.Feed, OtherHtsId)));
        telemetry.Add("error", await ErrorOfAsync(() => client.SubscribeAsync(BondTrade.Feed, AppKey)));
        foreach (var record in await TakeAsync(notices.ReadAllAsync(), 2))
        {
            _search.Add("account number", record.AccountNumber!);
            telemetry.Add("record", record);
        }

        foreach (var item in await TakeAsync(frames.ReadAllAsync(), 2))
            telemetry.Add("frame", item.Frame);
        server.SetFaults(SimulatorFaults.Parse("garbage=0.5"));
        server.DropConnections();
        var gaps = 0;
        await foreach (var item in notices.ReadItemsAsync(new CancellationTokenSource(Patience.Limit).Token))
        {
            telemetry.Add(item.IsRecord ? "record" : "event", item.IsRecord ? item.Record : item.Event);
            gaps += item.Event is Gap ? 1 : 0;
            if (gaps > 0 && item.Event is MalformedFrame)
                break;
        }

        server.SetFaults(SimulatorFaults.None);

        // The tap may get its events after the subscription.
        await Patience.UntilAsync(() =>
        {
            while (tap.TryRead(out var item))
            {
                telemetry.Add("tapped", item);
                if (item.Event is { } feedEvent)
                    telemetry.Add("tap event", feedEvent);
            }

            return telemetry.Count("tap event", nameof(Gap)) > 0 && telemetry.Count("tap event", nameof(MalformedFrame)) > 0;
        });

        foreach (var text in client.Registrations.Cast<object>().Concat(client.Sessions)
            .Concat([notices, frames, index, tap, notices.Feed, client]))
        {
            telemetry.Add("text", text);
        }
        telemetry.Measure();
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

    private static async Task<KisFeedException> ErrorOfAsync(Func<Task> action) => await Should.ThrowAsync<KisFeedException>(action);
}
