using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.Simulator;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests;

/// <summary>Nodes that are killed, that refuse the password, and that do not answer.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Broker))]
public sealed class NodeTests(Broker broker, ITestOutputHelper report)
{
    [Fact]
    public async Task A_killed_node_loses_and_repeats_nothing()
    {
        await using var node = await RabbitNode.StartAsync();
        var cluster = Broker.Cluster([node.Address]);
        await using var session = await PublishedSession.StartAsync(
            cluster,
            new NumberedService.Options { Burst = 20, Pause = TimeSpan.FromMilliseconds(10) },
            options => options with { Tap = new FrameTapOptions { Capacity = 1000 } });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var numbers = new List<(int Connection, int Number)>();
        var reader = new RabbitMqReader<IndexTrade>(
            new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "0001", RabbitMqStart.First);
        var reading = Task.Run(async () =>
        {
            await foreach (var item in reader.ReadItemsAsync(limit.Token))
            {
                if (item.Event is Interruption { Reason: GapReason.Moved })
                    continue; // The stopped publisher has released the key.
                item.Event.ShouldBeNull();
                numbers.Add(((int)item.Record.AccumulatedValue!, (int)item.Record.AccumulatedVolume!));
            }
        });
        await session.Service.UntilSentAsync(0, 2000);
        await node.KillAsync();
        await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + 3000);
        await node.RestartAsync();
        await session.UntilLiveAsync();
        await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + 1000);
        var status = await session.FinishAsync();

        report.WriteLine(status.ToString());
        status.CaughtUp.ShouldBeGreaterThan(0);
        foreach (var (trId, key) in NumberedService.Keys)
        {
            var recorded = await session.RecordedAsync(key);
            await RawFrames.ShouldBeAsync(cluster, trId, key, recorded);
            if (key != "0001")
                continue;
            await Patience.UntilAsync(() => numbers.Count >= recorded.Count);
            await limit.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(reading);
            numbers.ShouldBe(recorded.Select(frame => NumberedService.NumberOf(System.Text.Encoding.UTF8.GetBytes(frame.Text))));
        }
    }

    [Fact]
    public async Task A_session_of_the_simulator_is_read_as_it_was_received()
    {
        var cluster = broker.NewCluster();
        await using var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Port = 0, Rate = 50, Seed = TestRun.Seed });
        await using var client = await KisFeedClient.ConnectAsync(new KisFeedOptions
        {
            AppKey = new string('k', 36),
            AppSecret = new string('s', 180),
            WebSocketUrl = simulator.WebSocketUrl,
            RequestInterval = TimeSpan.Zero,
        });
        await using var publisher = RabbitMqPublisher.Start(
            client, new RabbitMqPublisherOptions { Cluster = cluster, Source = "simulated" });
        var reader = new RabbitMqReader<IndexTrade>(
            new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "0001", RabbitMqStart.First);
        await publisher.AddAsync(IndexTrade.Feed.Schema, "0001");
        await using var subscription = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        using var limit = new CancellationTokenSource(Patience.Limit);
        var expected = new List<IndexTrade>();
        await foreach (var trade in subscription.ReadAllAsync(limit.Token))
        {
            expected.Add(trade);
            if (expected.Count == 200)
                break;
        }

        var actual = new List<IndexTrade>();
        await foreach (var trade in reader.ReadAllAsync(limit.Token))
        {
            if (actual.Count > 0 || trade.ReceivedAt == expected[0].ReceivedAt)
                actual.Add(trade);
            if (actual.Count == expected.Count)
                break;
        }

        actual.Select(trade => (trade.ReceivedAt, trade.Time, trade.Price, trade.AccumulatedVolume))
            .ShouldBe(expected.Select(trade => (trade.ReceivedAt, trade.Time, trade.Price, trade.AccumulatedVolume)));
    }

    [Fact]
    public async Task A_wrong_password_ends_reader_and_publisher_and_is_in_no_message()
    {
        using var log = new RecordingLoggerFactory();
        const string Password = "correct-horse-battery";
        var cluster =
            broker.NewCluster(log) with { Nodes = [new UriBuilder(broker.Node.Address) { UserName = "nobody", Password = Password }.Uri] };
        var reader = new RabbitMqReader<IndexTrade>(
            new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "0001", RabbitMqStart.First);

        var exception = await Should.ThrowAsync<RabbitMqException>(ReadAsync(reader, CancellationToken.None));

        exception.Message.ShouldBe("the cluster refuses the user or the password: check the user name and the password");
        exception.ToString().ShouldNotContain(Password);
        cluster.ToString().ShouldNotContain(Password);
        await using var session = await PublishedSession.StartAsync(cluster, new NumberedService.Options { Frames = 10 });
        (await Should.ThrowAsync<RabbitMqException>(session.Publisher.Completion.WaitAsync(Patience.Limit))).Message
            .ShouldContain("check the user name and the password");
        log.Entries.ShouldNotContain(entry => entry.Text.Contains(Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_accepts_and_stays_silent_is_a_problem_and_stopping_takes_no_longer()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var cluster = Broker.Cluster([new Uri($"amqp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}")]) with
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(100),
        };
        await using var session = await PublishedSession.StartAsync(
            cluster, new NumberedService.Options { Frames = 10 }, options => options with { StopTimeout = TimeSpan.FromMilliseconds(200) });

        await Patience.UntilAsync(
            () => session.Publisher.Status.Problem?.Contains("did not answer within 0.1 s", StringComparison.Ordinal) == true);
        (await session.Publisher.StopAsync().WaitAsync(Patience.Limit)).HasEnded.ShouldBeTrue();
    }

    [Fact]
    public async Task The_certificate_of_a_node_is_checked_against_the_given_authority()
    {
        using var authority = new TestAuthority("CN=authority");
        using var stranger = new TestAuthority("CN=stranger");
        using var certificate = authority.Issue("CN=localhost", usage: TestAuthority.ServerAuthentication);
        using var folder = new CaptureFolder();
        var trusted = Put("authority.pem", authority.Certificate.ExportCertificatePem());
        using var port = ReservedPort.Take();
        await using var node = await RabbitNode.StartAsync($"""
            listeners.ssl.1 = 127.0.0.1:{port.Number}
            ssl_options.cacertfile = {trusted}
            ssl_options.certfile = {Put("node.pem", certificate.ExportCertificatePem())}
            ssl_options.keyfile = {Put("node.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}
            """);
        var cluster = Broker.Cluster([new Uri($"amqps://guest:guest@localhost:{port.Number}")]) with { CertificateAuthorityFile = trusted };
        await Broker.PublishAsync(cluster with { Nodes = [node.Address] }, "H0UPCNT0", "0001");
        using var limit = new CancellationTokenSource(Patience.Limit);
        var reader = new RabbitMqReader<IndexTrade>(
            new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "0001", RabbitMqStart.First);
        var reading = ReadAsync(reader, limit.Token);
        await Patience.UntilAsync(() => reader.Connections >= 1);
        var options = new RabbitMqReaderOptions
        {
            Cluster = cluster with { CertificateAuthorityFile = Put("stranger.pem", stranger.Certificate.ExportCertificatePem()) },
        };
        var refused = new RabbitMqReader<IndexTrade>(options, IndexTrade.Feed, "0001", RabbitMqStart.First);
        var refusedReading = ReadAsync(refused, limit.Token);
        await Patience.UntilAsync(() => refused.Problem?.Contains("certificate", StringComparison.Ordinal) == true);

        refused.Connections.ShouldBe(0);
        await limit.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(reading);
        await Should.ThrowAsync<OperationCanceledException>(refusedReading);

        string Put(string name, string text) => folder.Put(name, System.Text.Encoding.ASCII.GetBytes(text));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_password_is_read_from_a_file_that_only_its_owner_can_read()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "guest\n");
            var cluster = broker.NewCluster() with
            {
                Nodes = [new UriBuilder(broker.Node.Address) { UserName = "", Password = "" }.Uri],
                PasswordFile = path,
            };
            var options = new RabbitMqReaderOptions { Cluster = cluster };
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var reader = new RabbitMqReader<IndexTrade>(options, IndexTrade.Feed, "0001", RabbitMqStart.Now);
            await Broker.PublishAsync(cluster with { Nodes = [broker.Node.Address] }, "H0UPCNT0", "0001");
            using var limit = new CancellationTokenSource(Patience.Limit);
            var reading = ReadAsync(reader, limit.Token);
            await Patience.UntilAsync(() => reader.Connections >= 1);
            await limit.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(reading);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);

            var refused = new RabbitMqReader<IndexTrade>(options, IndexTrade.Feed, "0001", RabbitMqStart.Now);
            (await Should.ThrowAsync<RabbitMqException>(ReadAsync(refused, CancellationToken.None))).Message
                .ShouldBe($"{path} can be read by other users: give it the mode 600");
        }
        finally
        {
            File.Delete(path);
        }
    }

    // A password is replaced while connections are lost: for a moment the file is empty, or others can read it.
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task After_the_first_connection_a_password_file_that_cannot_be_used_is_retried()
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var proxy = new TcpProxy(broker.Node.Port);
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "guest\n");
            File.SetUnixFileMode(path, Own);
            var cluster = broker.NewCluster() with
            {
                Nodes = [new UriBuilder(proxy.Address) { UserName = "", Password = "" }.Uri],
                PasswordFile = path,
            };
            await using var session = await PublishedSession.StartAsync(
                cluster, new NumberedService.Options { Burst = 20, Pause = TimeSpan.FromMilliseconds(5) });
            await Patience.UntilAsync(() => session.Publisher.Status.IsLive);
            await using var source = RabbitMqSource.Start(new RabbitMqSourceOptions { Cluster = cluster });
            await Patience.UntilAsync(() => source.Sessions.All(status => status.Phase == SessionPhase.Open));
            using var limit = new CancellationTokenSource(Patience.Limit);
            var reader = new RabbitMqReader<IndexTrade>(
                new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "0001", RabbitMqStart.Now);
            var reading = ReadAsync(reader, limit.Token);
            await Patience.UntilAsync(() => reader.Connections >= 1);

            File.SetUnixFileMode(path, Own | UnixFileMode.OtherRead);
            proxy.Cut();
            await Patience.UntilAsync(
                () => session.Publisher.Status.Problem?.Contains("can be read by other users", StringComparison.Ordinal) == true);
            await Patience.UntilAsync(
                () => reader.Problem?.Contains("can be read by other users", StringComparison.Ordinal) == true || reading.IsCompleted);
            await Patience.UntilAsync(() => source.Sessions.All(status => status.Phase != SessionPhase.Open));
            File.SetUnixFileMode(path, Own);

            await session.UntilLiveAsync();
            await Patience.UntilAsync(() => reader.Connections >= 2 || reading.IsCompleted);
            await Patience.UntilAsync(() => source.Sessions.All(status => status.Phase == SessionPhase.Open));
            session.Publisher.Completion.IsCompleted.ShouldBeFalse();
            reading.IsCompleted.ShouldBeFalse();
            await limit.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(reading);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task ReadAsync(RabbitMqReader<IndexTrade> reader, CancellationToken cancellationToken)
    {
        await foreach (var _ in reader.ReadAllAsync(cancellationToken))
        {
            // Only the end is of interest.
        }
    }
}
