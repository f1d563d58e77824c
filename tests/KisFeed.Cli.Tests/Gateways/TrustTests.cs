using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Gateway;
using KisFeed.Simulator;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>Commands report TLS problems of a gateway in one line and work once the certificate is trusted.</summary>
public sealed class TrustTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-trust-");

    private string CertificatePath => Path.Combine(_folder.FullName, "certificate.pem");

    private string KeyPath => Path.Combine(_folder.FullName, "key.pem");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_untrusted_certificate_is_reported_and_works_once_trusted()
    {
        WriteCertificate(validDays: 1, "localhost");
        await using var tlsGateway = await TlsGateway.OpenAsync(CertificatePath, KeyPath);

        (await WatchAsync($"wss://localhost:{tlsGateway.Port}", isTrusted: false)).ShouldBe(
            $"kisfeed: https://localhost:{tlsGateway.Port}/oauth2/Approval cannot be reached: the certificate of localhost is refused: "
            + "it is not trusted, being self-signed: if it is the right one, have this machine trust it (on Linux SSL_CERT_FILE=FILE "
            + "or update-ca-certificates)\n");
        if (OperatingSystem.IsLinux())
            (await WatchAsync($"wss://localhost:{tlsGateway.Port}", isTrusted: true, ExitCode.Success)).ShouldNotContain("certificate");
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_reported_with_its_names()
    {
        if (!OperatingSystem.IsLinux())
            return;
        WriteCertificate(validDays: 1, "desk.example", "quotes.example");
        await using var tlsGateway = await TlsGateway.OpenAsync(CertificatePath, KeyPath);

        (await WatchAsync($"wss://127.0.0.1:{tlsGateway.Port}", isTrusted: true)).ShouldEndWith(
            "the certificate of 127.0.0.1 is refused: it is for desk.example, quotes.example: connect by such a name, "
            + "or give the server a certificate for 127.0.0.1\n");
    }

    [Fact]
    public async Task An_expired_certificate_is_reported_with_its_date()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var expired = WriteCertificate(validDays: -1, "localhost");
        await using var tlsGateway = await TlsGateway.OpenAsync(CertificatePath, KeyPath);

        (await WatchAsync($"wss://localhost:{tlsGateway.Port}", isTrusted: true)).ShouldEndWith(
            $"the certificate of localhost is refused: it expired on {expired:yyyy-MM-dd HH:mm} UTC: renew it on the server, "
            + "or set this machine's clock right\n");
    }

    [Fact]
    public async Task TLS_on_only_one_side_is_reported()
    {
        WriteCertificate(validDays: 1, "localhost");
        await using var secure = await TlsGateway.OpenAsync(CertificatePath, KeyPath);
        await using var plain = await TlsGateway.OpenAsync(null, null);

        (await WatchAsync($"ws://localhost:{secure.Port}", isTrusted: false)).ShouldBe(
            $"kisfeed: http://localhost:{secure.Port}/oauth2/Approval cannot be reached: localhost ended the connection without an HTTP "
            + $"answer, as a server does that speaks TLS at port {secure.Port}: if it does, use https://\n");
        (await WatchAsync($"wss://localhost:{plain.Port}", isTrusted: false)).ShouldBe(
            $"kisfeed: https://localhost:{plain.Port}/oauth2/Approval cannot be reached: localhost does not speak TLS at port "
            + $"{plain.Port}: use http://, or the port where it does\n");
    }

    [Fact]
    public async Task WebSocket_connections_report_the_same()
    {
        WriteCertificate(validDays: 1, "localhost");
        await using var secure = await TlsGateway.OpenAsync(CertificatePath, KeyPath);
        await using var plain = await TlsGateway.OpenAsync(null, null);

        (await FailureOfAsync($"wss://localhost:{secure.Port}", plain.Port)).ShouldContain($"wss://localhost:{secure.Port}/tryitout cannot "
            + "be reached: the certificate of localhost is refused: it is not trusted, being self-signed");
        (await FailureOfAsync($"ws://localhost:{secure.Port}", plain.Port))
            .ShouldEndWith($"as a server does that speaks TLS at port {secure.Port}: if it does, use wss://");
        (await FailureOfAsync($"wss://localhost:{plain.Port}", plain.Port))
            .ShouldEndWith($"localhost does not speak TLS at port {plain.Port}: use ws://, or the port where it does");
    }

    [Fact]
    public async Task An_address_of_the_wrong_kind_is_reported_with_the_right_one()
    {
        (await CommandRun.OfAsync("watch", "index:0001", "--url", "https://localhost:21000")).Error
            .ShouldContain("not an address that begins with ws:// or wss://: use wss://localhost:21000");
    }

    private static async Task<string> FailureOfAsync(string url, int restPort)
    {
        var options = new KisFeedOptions
        {
            AppKey = TestCredentials.NewAppKey(),
            AppSecret = TestCredentials.AppSecret,
            WebSocketUrl = new Uri(url),
            RestUrl = new Uri($"http://localhost:{restPort}"),
        };
        return (await Should.ThrowAsync<ConnectionFailedException>(() => KisFeedClient.ConnectAsync(options))).Message;
    }

    private async Task<string> WatchAsync(string url, bool isTrusted, int code = ExitCode.ConnectionLost)
    {
        Dictionary<string, string> variables = new(StringComparer.Ordinal);
        if (isTrusted)
            variables.Add("SSL_CERT_FILE", CertificatePath);
        await using var command = ProcessRunner.StartKisFeed(variables, "watch", "index:0001", "--url", url, "--count", "1");
        (await command.WaitForExitAsync(Patience.Limit)).ShouldBe(code, command.Errors);
        return string.Concat(command.Errors.ReplaceLineEndings("\n").Split('\n')
            .Where(line => !line.Contains("placeholder", StringComparison.Ordinal) && line.Length > 0).Select(line => $"{line}\n"));
    }

    private DateTimeOffset WriteCertificate(int validDays, params string[] names)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        var end = DateTimeOffset.UtcNow.AddDays(validDays);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), end);
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        return end;
    }

    /// <summary>A gateway and its simulator, with or without TLS.</summary>
    private sealed class TlsGateway : IAsyncDisposable
    {
        private readonly SimulatorServer _simulator;
        private readonly GatewayServer _gateway;

        private TlsGateway(SimulatorServer simulator, GatewayServer gateway)
        {
            _simulator = simulator;
            _gateway = gateway;
        }

        public int Port => _gateway.Port;

        public static async Task<TlsGateway> OpenAsync(string? certificate, string? key)
        {
            var simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Rate = 200 });
            var values = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Certificates:Default:Path"] = certificate,
                ["Certificates:Default:KeyPath"] = key,
            };
            return new TlsGateway(simulator, await GatewayServer.StartAsync(new GatewayOptions
            {
                Upstream = new KisFeedOptions
                {
                    AppKey = TestCredentials.NewAppKey(),
                    AppSecret = TestCredentials.AppSecret,
                    WebSocketUrl = simulator.WebSocketUrl,
                },
                Address = IPAddress.Loopback.ToString(),
                Kestrel = certificate is null ? null : new ConfigurationBuilder().AddInMemoryCollection(values).Build(),
            }));
        }

        public async ValueTask DisposeAsync()
        {
            await _gateway.DisposeAsync();
            await _simulator.DisposeAsync();
        }
    }
}
