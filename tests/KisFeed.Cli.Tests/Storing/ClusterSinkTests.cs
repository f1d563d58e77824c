using KisFeed.Capture;
using KisFeed.Capture.Tests;
using KisFeed.RabbitMq;

namespace KisFeed.Cli.Tests.Storing;

/// <summary>A gateway that publishes its recording to a cluster, which comes and goes.</summary>
[Trait(TestRun.Length, TestRun.Long)]
public sealed class ClusterSinkTests : IDisposable
{
    private const string Password = "p4ssw0rd,with:signs";

    private static readonly HttpClient s_web = new();

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task The_recording_is_published_when_a_cluster_that_was_absent_appears_and_stored_as_well()
    {
        await using var service = await Service.StartAsync(port: 0, rate: 200);
        await using var postgres = await PostgresServer.StartAsync();
        await postgres.QueryAsync(
            $"CREATE ROLE desk LOGIN PASSWORD 'p4ssw0rd' IN ROLE {PostgresServer.PasswordRole}; GRANT CREATE ON DATABASE kisfeed TO desk");
        await using var node = await RabbitNode.StartAsync($"default_user = desk\ndefault_pass = {Password}\n");
        await node.KillAsync();
        var variables = service.Variables;
        variables[ClusterOptions.PasswordVariable] = Password;
        variables[DatabaseOptions.PasswordVariable] = "p4ssw0rd";
        variables[DatabaseOptions.AddressVariable] = $"postgres://desk@/kisfeed?host={postgres.Host}";
        await using var gateway = RunningCommand.Start(
            variables,
            "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens", "--keep", "index:0001,program:005930", "--record",
            _folder.Path,
            "--sink", variables[DatabaseOptions.AddressVariable]!, "--sink", AddressOf(node, "desk"), "--amqp-prefix", "test",
            "--amqp-partitions", "2", "--sink-source", "one");
        await gateway.WaitForOutputAsync(output => output.Contains('\n', StringComparison.Ordinal));
        var address = JsonSerializer.Deserialize<JsonElement>(gateway.Output);
        var web = address.GetProperty("rest").GetString()!;

        await Patience.UntilAsync(async () =>
            JsonSerializer.Deserialize<JsonElement>(await s_web.GetStringAsync(new Uri($"{web}/v1/status"))).GetProperty("sink")
                .GetProperty("records").GetInt64()
            > 20);

        // Consumers get data, and the gateway is ready, without the cluster.
        var watch = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(address.GetProperty("websocket").GetString()!), "watch", "index:0001", "--count", "20", "--format",
            "json");
        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        await Patience.UntilAsync(async () => await PublisherOfAsync(web) is var publisher
            && !publisher.GetProperty("isPublishing").GetBoolean()
            && publisher.GetProperty("problemSince").ValueKind == JsonValueKind.String);
        (await s_web.GetStringAsync(new Uri($"{web}/readyz"))).ShouldBe("ready\nthe publisher is not publishing: /v1/status has details\n");
        (await s_web.GetStringAsync(new Uri($"{web}/metrics"))).ShouldContain("\nkisfeed_publisher_trouble 1\n");
        (await PublisherOfAsync(web)).GetProperty("problem").GetString().ShouldBe("the cluster cannot be reached");

        await node.RestartAsync();
        await Patience.UntilAsync(async () => await PublisherOfAsync(web) is var publisher
            && publisher.GetProperty("isLive").GetBoolean()
            && publisher.GetProperty("published").GetInt64() > 20);
        (await s_web.GetStringAsync(new Uri($"{web}/readyz"))).ShouldBe("ready\n");
        (await s_web.GetStringAsync(new Uri($"{web}/metrics"))).ShouldContain("\nkisfeed_publisher_trouble 0\n");
        (await PublisherOfAsync(web)).GetProperty("lagSeconds").GetDouble().ShouldBe(0);
        var run = await gateway.InterruptAsync();

        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        run.Error.ShouldContain("the cluster cannot be reached");
        (run.Output + run.Error).ShouldNotContain(Password);
        (run.Output + run.Error).ShouldNotContain(Uri.EscapeDataString(Password));
        await ShouldBePublishedAsync(new RabbitMqClusterOptions
        {
            Nodes = [new UriBuilder(node.Address) { UserName = "desk", Password = Uri.EscapeDataString(Password) }.Uri],
            Prefix = "test",
            Partitions = 2,
        });
        (await CommandRun.WithVariablesAsync(variables, "sink", _folder.Path, "--once")).ExitCode.ShouldBe(ExitCode.Success);
        (await postgres.QueryAsync("SELECT count(*) FROM kisfeed.index_trade")).ShouldNotBe(["0"]);
        File.Exists(Path.Combine(_folder.Path, "one.published.json")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_wrong_password_ends_the_publisher_but_not_the_gateway()
    {
        await using var service = await Service.StartAsync(port: 0, rate: 200);
        await using var node = await RabbitNode.StartAsync();
        var variables = service.Variables;
        variables[ClusterOptions.PasswordVariable] = "wr0ng";
        await using var gateway = RunningCommand.Start(
            variables, "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens", "--keep", "index:0001", "--record",
            _folder.Path, "--sink", AddressOf(node, "guest"));
        await gateway.WaitForErrorAsync("the cluster refuses the user or the password: check the user name and the password");
        await gateway.WaitForOutputAsync(output => output.Contains('\n', StringComparison.Ordinal));
        var address = JsonSerializer.Deserialize<JsonElement>(gateway.Output);

        var watch = await CommandRun.WithVariablesAsync(
            Service.VariablesFor(address.GetProperty("websocket").GetString()!), "watch", "index:0001", "index:1001", "--count", "20",
            "--format", "json");
        var publisher = await PublisherOfAsync(address.GetProperty("rest").GetString()!);
        publisher.GetProperty("isPublishing").GetBoolean().ShouldBeFalse();
        publisher.GetProperty("problem").GetString().ShouldBe("the cluster refuses the user or the password");
        var run = await gateway.InterruptAsync();

        watch.ExitCode.ShouldBe(ExitCode.Success, watch.Error);
        run.ExitCode.ShouldBe(ExitCode.Success, run.Error);
        (run.Output + run.Error).ShouldNotContain("wr0ng");
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task The_password_comes_from_a_file_and_the_certificate_is_checked()
    {
        using var authority = new TestAuthority("CN=authority");
        using var certificate = authority.Issue("CN=localhost", usage: TestAuthority.ServerAuthentication);
        using var files = new CaptureFolder();
        var trusted = Put("authority.pem", authority.Certificate.ExportCertificatePem());
        using var port = ReservedPort.Take();
        using var absent = ReservedPort.Take();
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(certificate)!;
        await using var node = await RabbitNode.StartAsync($"""
            listeners.ssl.1 = 127.0.0.1:{port.Number}
            ssl_options.cacertfile = {trusted}
            ssl_options.certfile = {Put("node.pem", certificate.ExportCertificatePem())}
            ssl_options.keyfile = {Put("node.key", key.ExportPkcs8PrivateKeyPem())}
            """);
        var password = Put("password", "guest\n");
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var service = await Service.StartAsync(port: 0, rate: 200);
        string[] arguments =
        [
            "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens", "--keep", "index:0001", "--record", _folder.Path,
            "--amqp-password-file", password,
        ];

        // The first node does not exist.
        await using var gateway = RunningCommand.Start(
            service.Variables,
            [
                .. arguments, "--amqp-ca", trusted, "--sink",
                $"amqps://guest@localhost:{absent.Number},amqps://guest@localhost:{port.Number}",
            ]);
        await gateway.WaitForOutputAsync(output => output.Contains('\n', StringComparison.Ordinal));
        var web = JsonSerializer.Deserialize<JsonElement>(gateway.Output).GetProperty("rest").GetString()!;
        await Patience.UntilAsync(async () => await PublisherOfAsync(web) is var publisher
            && publisher.GetProperty("isLive").GetBoolean()
            && publisher.GetProperty("published").GetInt64() > 20);
        await gateway.InterruptAsync();
        await using var unsure = RunningCommand.Start(
            service.Variables, [.. arguments, "--sink", $"amqps://guest@localhost:{port.Number}"]);
        await unsure.WaitForErrorAsync("the certificate of the cluster is not accepted");
        await unsure.InterruptAsync();

        Directory.GetFiles(_folder.Path, "*.published.json").ShouldHaveSingleItem(); // Both starts have the same id.

        string Put(string name, string text) => files.Put(name, Encoding.ASCII.GetBytes(text));
    }

    [Theory]
    [InlineData(
        "--sink needs --record: while the cluster is away, frames are only recorded, and are published from there afterwards.",
        "--sink",
        "amqp://desk:secret99@localhost")]
    [InlineData(
        "separate the nodes of one by commas", "--record", "x", "--sink", "amqp://desk:secret99@a", "--sink", "amqp://desk:secret99@b")]
    [InlineData("the address of the cluster is not valid: use amqp://USER@HOST", "--record", "x", "--sink", "amqp://desk:secret99@a:port")]
    [InlineData(
        "the address of the cluster is not valid: use amqp://USER@HOST", "--record", "x", "--sink", "amqp://desk:secret99@a,http://b")]
    [InlineData("different users or passwords", "--record", "x", "--sink", "amqp://desk:secret99@a,amqp://desk@b")]
    [InlineData("--amqp-ca: missing.pem does not exist", "--record", "x", "--sink", "amqps://desk@a", "--amqp-ca", "missing.pem")]
    public async Task What_is_not_valid_is_said_without_the_password(string message, params string[] arguments)
    {
        await using var service = await Service.StartAsync(port: 0, rate: 1);

        var run = await CommandRun.WithVariablesAsync(service.Variables, ["gateway", "--port", "0", .. arguments]);

        run.ShouldFail(ExitCode.Usage, message);
        run.Error.ShouldNotContain("secret99");
    }

    [Fact]
    public void Order_notices_of_the_mock_service_are_notices()
    {
        foreach (var feed in KisFeeds.Catalog.Feeds.Where(feed => feed.MockTrId is not null))
        {
            KisFeeds.Catalog.TryFind(feed.MockTrId!, out var mock).ShouldBeTrue(feed.TrId);
            mock!.IsNotice.ShouldBe(feed.IsNotice, feed.TrId);
        }
    }

    private static string AddressOf(RabbitNode node, string user) =>
        string.Create(CultureInfo.InvariantCulture, $"amqp://{user}@127.0.0.1:{node.Port}");

    private static async Task<JsonElement> PublisherOfAsync(string web) =>
        JsonSerializer.Deserialize<JsonElement>(await s_web.GetStringAsync(new Uri($"{web}/v1/status"))).GetProperty("publisher");

    private async Task ShouldBePublishedAsync(RabbitMqClusterOptions cluster)
    {
        // The recorder stops after the publisher. The next start would publish what was received between.
        var position = JsonSerializer.Deserialize<JsonElement>(
            await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "one.published.json")));
        var confirmedAt = position.GetProperty("confirmedAt").GetDateTimeOffset();
        var expected = new List<DateTimeOffset>();
        await foreach (var frame in CaptureReader.Open(_folder.Path).ReadFramesAsync())
        {
            if (Encoding.UTF8.GetString(frame.Bytes.Span).StartsWith("0|H0UPCNT0|", StringComparison.Ordinal)
                && frame.ReceivedAt <= confirmedAt)
            {
                expected.Add(frame.ReceivedAt);
            }
        }

        using var limit = new CancellationTokenSource(Patience.Limit);
        var actual = new List<DateTimeOffset>();
        var reader = new RabbitMqReader<IndexTrade>(
            new RabbitMqReaderOptions { Cluster = cluster }, IndexTrade.Feed, "0001", RabbitMqStart.First);
        try
        {
            await foreach (var trade in reader.ReadAllAsync(limit.Token))
            {
                if (actual.Count == 0 || actual[^1] != trade.ReceivedAt)
                    actual.Add(trade.ReceivedAt);
                if (trade.ReceivedAt >= expected[^1])
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            // The comparison names what the streams lack.
        }

        // The publisher attaches to a key just after the recorder, so on a busy machine its first record may be a later one.
        expected = expected[Math.Max(0, expected.IndexOf(actual.FirstOrDefault()))..];
        expected.Count.ShouldBeGreaterThan(20);
        expected.Except(actual).Select(at => $"{at:O}").ShouldBeEmpty();
        actual.ShouldBe(expected);
    }
}
