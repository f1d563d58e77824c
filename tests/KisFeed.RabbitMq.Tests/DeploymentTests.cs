using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KisFeed.Capture.Tests;
using KisFeed.Feeds;
using KisFeed.RabbitMq.Tests.Staging;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests;

/// <summary>A node with the settings and the users of deploy/rabbitmq.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeploymentTests
{
    private static readonly NumberedService.Options s_one = new() { Frames = 1 };
    private static readonly string s_deploy = Path.Combine(RepositoryRoot.Path, "deploy", "rabbitmq");

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_node_accepts_the_settings_and_each_user_has_only_the_rights_that_it_needs()
    {
        using var folder = new CaptureFolder();
        using var authority = new TestAuthority("CN=authority");
        using var certificate = authority.Issue("CN=localhost", usage: TestAuthority.ServerAuthentication);
        var authorityFile = Put("ca.pem", authority.Certificate.ExportCertificatePem());
        using var port = ReservedPort.Take();
        var settings = (await File.ReadAllLinesAsync(Path.Combine(s_deploy, "rabbitmq.conf")))
            // One node, which listens for the test, too.
            .Where(line => !line.StartsWith("cluster_formation.", StringComparison.Ordinal) && line != "listeners.tcp = none")
            .Select(line => line
                .Replace(
                    "listeners.ssl.default = 5671",
                    string.Create(CultureInfo.InvariantCulture, $"listeners.ssl.1 = 127.0.0.1:{port.Number}"),
                    StringComparison.Ordinal)
                .Replace("/etc/rabbitmq/tls/ca.pem", authorityFile, StringComparison.Ordinal)
                .Replace(
                    "/etc/rabbitmq/tls/certificate.pem",
                    Put("certificate.pem", certificate.ExportCertificatePem()),
                    StringComparison.Ordinal)
                .Replace(
                    "/etc/rabbitmq/tls/key.pem",
                    Put("key.pem", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
                    StringComparison.Ordinal));
        await using var node = await RabbitNode.StartAsync(string.Join('\n', settings));
        var (ingestFile, edgeFile) = (Put("amqp-ingest", "ingest-password\n"), Put("amqp-edge", "edge-password\n"));

        var output = await node.RunAsync(Path.Combine(s_deploy, "create-users.sh"), ingestFile, edgeFile);

        output.ShouldContain("guest: deleted");
        var ingest = new RabbitMqClusterOptions
        {
            Nodes = [new Uri(string.Create(CultureInfo.InvariantCulture, $"amqps://localhost:{port.Number}"))],
            UserName = "kisfeed_ingest",
            PasswordFile = ingestFile,
            CertificateAuthorityFile = authorityFile,
            RetryInterval = TimeSpan.FromMilliseconds(20),
            MaxRetryInterval = TimeSpan.FromMilliseconds(200),
        };
        var edge = ingest with { UserName = "kisfeed_edge", PasswordFile = edgeFile };
        await using (var session = await PublishedSession.StartAsync(ingest, new NumberedService.Options { Frames = 100 }))
        {
            var reader = new RabbitMqReader<IndexTrade>(
                new RabbitMqReaderOptions { Cluster = edge }, IndexTrade.Feed, "0001", RabbitMqStart.First);
            using var limit = new CancellationTokenSource(Patience.Limit);
            await foreach (var record in reader.ReadAllAsync(limit.Token))
            {
                record.AccumulatedVolume.ShouldNotBeNull();
                break;
            }

            (await session.FinishAsync()).Unconfirmed.ShouldBe(0);
        }

        // An edge publishes nothing, and an ingest creates only the streams of the prefix. The user of a new node cannot log in.
        await using (var session = await PublishedSession.StartAsync(edge, s_one, NotPatient))
            await Patience.UntilAsync(() => session.Publisher.Status.Problem?.Contains("ACCESS_REFUSED", StringComparison.Ordinal) == true);
        await using (var session = await PublishedSession.StartAsync(ingest with { Prefix = "other" }, s_one, NotPatient))
            (await EndOfAsync(session)).ShouldContain("give the user the rights to configure, write and read the streams");
        await using (var session = await PublishedSession.StartAsync(ingest with { Nodes = [node.Address] }, s_one, NotPatient))
            (await EndOfAsync(session)).ShouldContain("check the user name and the password");

        static RabbitMqPublisherOptions NotPatient(RabbitMqPublisherOptions options) =>
            options with { StopTimeout = TimeSpan.FromMilliseconds(200) };

        string Put(string name, string text)
        {
            var path = folder.Put(name, Encoding.ASCII.GetBytes(text));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return path;
        }
    }

    private static async Task<string> EndOfAsync(PublishedSession session) =>
        (await Should.ThrowAsync<RabbitMqException>(session.Publisher.Completion.WaitAsync(Patience.Limit))).Message;
}
