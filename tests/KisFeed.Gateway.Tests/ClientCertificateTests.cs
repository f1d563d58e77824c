using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Broker;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Gateway.Tests;

/// <summary>A gateway that requires certificates of its clients.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private static readonly Uri s_health = new("/healthz", UriKind.Relative);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-mtls-");
    private readonly TestAuthority _server = new("CN=server CA");
    private readonly TestAuthority _clients = new("CN=client CA");

    private string CaPath => Path.Combine(_folder.FullName, "ca.pem");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _server.Dispose();
        _clients.Dispose();
    }

    [Fact]
    public async Task A_client_with_a_certificate_of_the_CA_has_access_to_everything()
    {
        await using var testGateway = await OpenAsync();
        using var certificate = _clients.Issue("CN=desk");
        using var web = ClientWith(testGateway, certificate);

        (await web.GetStringAsync(s_health)).ShouldNotBeEmpty();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(testGateway.Gateway.WebSocketUrl, "/tryitout"), web, CancellationToken.None)
            .WaitAsync(Patience.Limit);
        socket.State.ShouldBe(WebSocketState.Open);
        testGateway.Refused(AccessRefusalReason.Certificate).ShouldBe(0);
    }

    [Fact]
    public async Task A_chain_with_an_intermediate_authority_is_accepted_if_the_client_sends_it()
    {
        await using var testGateway = await OpenAsync();
        using var intermediate = _clients.IssueAuthority("CN=desk CA");
        using var certificate = intermediate.Issue("CN=desk");

        await ShouldBeAcceptedAsync(
            testGateway, SslStreamCertificateContext.Create(certificate, [intermediate.Certificate], offline: true));
        await ShouldBeRefusedAsync(testGateway, SslStreamCertificateContext.Create(certificate, [], offline: true));
    }

    [Fact]
    public async Task Other_certificates_and_missing_ones_are_refused()
    {
        await using var testGateway = await OpenAsync();
        using var other = new TestAuthority("CN=client CA");
        using var ofOther = other.Issue("CN=desk");
        using var expired = _clients.Issue("CN=expired", from: DateTimeOffset.UtcNow.AddDays(-3), to: DateTimeOffset.UtcNow.AddDays(-1));
        using var future = _clients.Issue("CN=future", from: DateTimeOffset.UtcNow.AddDays(1), to: DateTimeOffset.UtcNow.AddDays(3));
        using var ofServer = _clients.Issue("CN=server", usage: TestAuthority.ServerAuthentication);
        using var selfSigned = TestAuthority.NewSelfSigned("CN=desk");
        using var right = _clients.Issue("CN=desk");

        await ShouldBeRefusedAsync(testGateway, certificate: null);
        foreach (var certificate in new[] { ofOther, expired, future, ofServer, selfSigned })
            await ShouldBeRefusedAsync(testGateway, SslStreamCertificateContext.Create(certificate, [], offline: true));

        for (var i = 0; i < 20; i++)
            await ShouldBeRefusedAsync(testGateway, certificate: null);

        testGateway.Count("Refused a connection: the client sent no certificate. 0 similar messages were skipped").ShouldBeGreaterThan(0);
        testGateway.Count("Refused a connection")
            .ShouldBeLessThan(20, "refusals are logged at a limited rate, because anyone who reaches the port can cause them");
        await ShouldBeAcceptedAsync(testGateway, SslStreamCertificateContext.Create(right, [], offline: true));
    }

    [Fact]
    public async Task A_changed_CA_file_applies_to_new_connections_and_an_invalid_one_is_ignored()
    {
        await using var testGateway = await OpenAsync(TimeSpan.FromHours(1));
        using var other = new TestAuthority("CN=other CA");
        using var before = _clients.Issue("CN=before");
        using var after = other.Issue("CN=after");

        await File.WriteAllTextAsync(CaPath, "half");
        testGateway.Gateway.ReloadCertificate();
        testGateway.Count($"The client CA file cannot be used, so the previous client CA stays in use: {CaPath}: ").ShouldBe(1);
        await ShouldBeAcceptedAsync(testGateway, SslStreamCertificateContext.Create(before, [], offline: true));

        await File.WriteAllTextAsync(CaPath, other.Certificate.ExportCertificatePem());
        testGateway.Gateway.ReloadCertificate();
        testGateway.Count($"Clients need a certificate issued by CN=other CA ({CaPath})").ShouldBe(1);
        await ShouldBeRefusedAsync(testGateway, SslStreamCertificateContext.Create(before, [], offline: true));
        await ShouldBeAcceptedAsync(testGateway, SslStreamCertificateContext.Create(after, [], offline: true));
    }

    [Fact]
    public async Task The_CA_file_is_checked_for_changes()
    {
        await using var testGateway = await OpenAsync();
        using var other = new TestAuthority("CN=other CA");

        await File.WriteAllTextAsync(
            CaPath, $"{_clients.Certificate.ExportCertificatePem()}\n{other.Certificate.ExportCertificatePem()}\n");

        await Patience.UntilAsync(() => testGateway.Count("Clients need a certificate issued by CN=client CA or CN=other CA") == 1);
    }

    [Fact]
    public async Task A_CA_file_without_a_root_is_refused_at_the_start()
    {
        using var certificate = _clients.Issue("CN=desk");
        (await Should.ThrowAsync<KisFeedConfigurationException>(() => OpenAsync(ca: certificate.ExportCertificatePem()))).Message
            .ShouldBe($"the certificate cannot be used: {CaPath}: it contains no root certificate (one that is its own "
                + "issuer); add that of the client CA");
        (await Should.ThrowAsync<KisFeedConfigurationException>(() => OpenAsync(ca: ""))).Message
            .ShouldStartWith($"the certificate cannot be used: {CaPath}: ");
    }

    [Fact]
    public void Client_certificates_require_TLS()
    {
        var options = new GatewayOptions { Upstream = TestGateway.ClientOf(new Uri("ws://127.0.0.1:1")), ClientCa = CaPath };

        Should.Throw<ArgumentException>(options.Validate).ParamName.ShouldBe(nameof(GatewayOptions.ClientCa));
    }

    private async Task ShouldBeAcceptedAsync(TestGateway testGateway, SslStreamCertificateContext certificate)
    {
        using var web = ClientWith(testGateway, certificate);
        (await web.GetStringAsync(s_health)).ShouldNotBeEmpty();
    }

    // In TLS 1.3 the client completes the handshake before the server has checked its certificate, so its first request fails
    // instead, and the client retries it.
    private async Task ShouldBeRefusedAsync(TestGateway testGateway, SslStreamCertificateContext? certificate)
    {
        var before = testGateway.Refused(AccessRefusalReason.Certificate);
        using var web = ClientWith(testGateway, certificate);
        await Should.ThrowAsync<HttpRequestException>(() => web.GetStringAsync(s_health));
        testGateway.Refused(AccessRefusalReason.Certificate).ShouldBeGreaterThan(before);
    }

    private HttpClient ClientWith(TestGateway testGateway, X509Certificate2 certificate) =>
        ClientWith(testGateway, SslStreamCertificateContext.Create(certificate, [], offline: true));

    private HttpClient ClientWith(TestGateway testGateway, SslStreamCertificateContext? certificate)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_server.Certificate);
        return new HttpClient(
            new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust, ClientCertificateContext = certificate } })
        {
            BaseAddress = testGateway.Gateway.RestUrl,
        };
    }

    private async Task<TestGateway> OpenAsync(TimeSpan? interval = null, string? ca = null)
    {
        using var certificate = _server.Issue("CN=localhost", usage: TestAuthority.ServerAuthentication);
        using var privateKey = certificate.GetECDsaPrivateKey()!;
        var (path, key) = (Path.Combine(_folder.FullName, "certificate.pem"), Path.Combine(_folder.FullName, "key.pem"));
        await File.WriteAllTextAsync(path, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(key, privateKey.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(CaPath, ca ?? _clients.Certificate.ExportCertificatePem());
        var kestrel = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Certificates:Default:Path", path), new("Certificates:Default:KeyPath", key)])
            .Build();
        return await TestGateway.OpenAsync(with: options =>
            options with { Kestrel = kestrel, ClientCa = CaPath, CertificateReloadInterval = interval ?? TimeSpan.FromMilliseconds(10) });
    }
}
