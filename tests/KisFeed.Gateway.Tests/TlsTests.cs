using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KisFeed.Gateway.Tests.Broker;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Gateway.Tests;

/// <summary>TLS for everything that the gateway serves.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Password = "Tr0ub4dor";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-tls-");

    private string CertificatePath => Path.Combine(_folder.FullName, "certificate.pem");

    private string PfxPath => Path.Combine(_folder.FullName, "certificate.pfx");

    private string KeyPath => Path.Combine(_folder.FullName, "key.pem");

    [Fact]
    public async Task With_a_certificate_only_TLS_is_answered()
    {
        using var certificate = WriteCertificate();
        await using var testGateway = await OpenAsync(("Path", CertificatePath), ("KeyPath", KeyPath));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(certificate);
        using var web = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } });
        using var plain = new HttpClient();

        testGateway.Gateway.RestUrl.Scheme.ShouldBe("https");
        testGateway.Gateway.WebSocketUrl.Scheme.ShouldBe("wss");
        (await web.GetStringAsync(new Uri(testGateway.Gateway.RestUrl, "/healthz"))).ShouldNotBeEmpty();
        await Should.ThrowAsync<HttpRequestException>(
            () => plain.GetStringAsync(new Uri($"http://127.0.0.1:{testGateway.Gateway.Port}/healthz")));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(testGateway.Gateway.WebSocketUrl, "/tryitout"), web, CancellationToken.None)
            .WaitAsync(Patience.Limit);
        socket.State.ShouldBe(WebSocketState.Open);
    }

    [Fact]
    public async Task Strict_transport_security_is_sent_except_for_localhost()
    {
        using var certificate = WriteCertificate();
        await using var testGateway = await OpenAsync(("Path", CertificatePath), ("KeyPath", KeyPath));
        await using var open = await TestGateway.OpenAsync();
        using var web = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null },
        });

        (await GetHstsAsync(new Uri(testGateway.Gateway.RestUrl, "/healthz"), "desk.example")).ShouldBe("max-age=31536000");
        (await GetHstsAsync(new Uri(testGateway.Gateway.RestUrl, "/v1/nothing"), "desk.example")).ShouldBe("max-age=31536000");
        (await GetHstsAsync(new Uri(testGateway.Gateway.RestUrl, "/healthz"), "LOCALHOST")).ShouldBeNull();
        (await GetHstsAsync(new Uri(open.Gateway.RestUrl, "/healthz"), "127.0.0.1")).ShouldBeNull();

        async Task<string?> GetHstsAsync(Uri address, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = host } };
            using var response = await web.SendAsync(request);
            return response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? values.Single() : null;
        }
    }

    [Fact]
    public async Task An_unusable_certificate_is_reported_at_the_start()
    {
        WriteCertificate().Dispose();

        (await Should.ThrowAsync<KisFeedConfigurationException>(() => OpenAsync(("Path", CertificatePath)))).Message
            .ShouldStartWith("the certificate cannot be used: ");
        (await Should.ThrowAsync<KisFeedConfigurationException>(() => OpenAsync(("Path", KeyPath), ("KeyPath", CertificatePath)))).Message
            .ShouldStartWith("the certificate cannot be used: ");
    }

    [Fact]
    public async Task A_renewed_certificate_applies_to_new_connections_and_open_ones_stay()
    {
        using var before = WriteCertificate();
        await using var testGateway = await OpenAsync(("Path", CertificatePath), ("KeyPath", KeyPath));
        await using var standing = await ConnectAsync(testGateway);
        ThumbprintOf(standing).ShouldBe(before.Thumbprint);

        using var after = WriteCertificate("CN=renewed");

        await Patience.UntilAsync(async () => await ServedByAsync(testGateway) == after.Thumbprint);
        (await GetHealthAsync(standing)).ShouldStartWith("HTTP/1.1 200");
        testGateway.Count("The certificate of CN=localhost is in use").ShouldBe(1);
        testGateway.Count("The certificate of CN=renewed is in use for new connections; "
            + $"it expires at {after.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC").ShouldBe(1);
    }

    [Fact]
    public async Task A_certificate_behind_a_symbolic_link_is_renewed()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var before = WriteCertificate(folder: "1");
        using var after = WriteCertificate("CN=renewed", folder: "2");
        var live = Path.Combine(_folder.FullName, "live");
        Directory.CreateSymbolicLink(live, Path.Combine(_folder.FullName, "1"));
        await using var testGateway = await OpenAsync(
            ("Path", Path.Combine(live, "certificate.pem")), ("KeyPath", Path.Combine(live, "key.pem")));
        (await ServedByAsync(testGateway)).ShouldBe(before.Thumbprint);

        Directory.Delete(live);
        Directory.CreateSymbolicLink(live, Path.Combine(_folder.FullName, "2"));

        await Patience.UntilAsync(async () => await ServedByAsync(testGateway) == after.Thumbprint);
    }

    [Fact]
    public async Task An_invalid_pair_keeps_the_old_certificate_and_the_log_names_the_file()
    {
        using var before = WriteCertificate();
        await using var testGateway = await OpenAsync(("Path", CertificatePath), ("KeyPath", KeyPath));

        Replace(CertificatePath, before.ExportCertificatePem()[..200]);
        await Patience.UntilAsync(() =>
            testGateway.Count($"The certificate files cannot be used, so the previous certificate stays in use: {CertificatePath}: ") == 1);
        (await ServedByAsync(testGateway)).ShouldBe(before.Thumbprint);
        using var after = WriteCertificate("CN=renewed", withKey: false);
        await Patience.UntilAsync(
            () => testGateway.Count($"The certificate files cannot be used, so the previous certificate stays in use: {KeyPath}: ") == 1);
        (await ServedByAsync(testGateway)).ShouldBe(before.Thumbprint);

        using var whole = WriteCertificate("CN=whole");
        await Patience.UntilAsync(async () => await ServedByAsync(testGateway) == whole.Thumbprint);
        testGateway.Count("The certificate files cannot be used").ShouldBe(2, "each problem is logged once");
    }

    [Fact]
    public async Task A_reload_reads_the_certificate_immediately()
    {
        using var before = WriteCertificate();
        await using var testGateway = await OpenAsync(TimeSpan.FromHours(1), ("Path", CertificatePath), ("KeyPath", KeyPath));
        using var after = WriteCertificate("CN=renewed");
        (await ServedByAsync(testGateway)).ShouldBe(before.Thumbprint);

        testGateway.Gateway.ReloadCertificate();

        (await ServedByAsync(testGateway)).ShouldBe(after.Thumbprint);
    }

    [Fact]
    public async Task A_pfx_file_with_a_password_is_renewed_and_the_password_is_not_logged()
    {
        using var before = WritePfx("CN=localhost");
        await using var testGateway = await OpenAsync(("Path", PfxPath), ("Password", Password));
        (await ServedByAsync(testGateway)).ShouldBe(before.Thumbprint);

        using var after = WritePfx("CN=renewed");

        await Patience.UntilAsync(async () => await ServedByAsync(testGateway) == after.Thumbprint);
        // Between its two steps, this may also be seen as an empty file.
        await File.WriteAllTextAsync(PfxPath, "half");
        await Patience.UntilAsync(() => testGateway.Count("The certificate files cannot be used") > 0);
        testGateway.Log.Entries.ShouldAllBe(entry => !entry.Text.Contains(Password));
    }

    [Fact]
    public void Endpoints_in_the_configuration_are_refused()
    {
        var kestrel = new ConfigurationBuilder().AddInMemoryCollection([new("Endpoints:Http:Url", "http://0.0.0.0:80")]).Build();
        var options = new GatewayOptions { Upstream = TestGateway.ClientOf(new Uri("ws://127.0.0.1:1")), Kestrel = kestrel };

        Should.Throw<ArgumentException>(options.Validate).ParamName.ShouldBe(nameof(GatewayOptions.Kestrel));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Task<TestGateway> OpenAsync(params (string Name, string Value)[] certificate) =>
        OpenAsync(TimeSpan.FromMilliseconds(10), certificate);

    private static Task<TestGateway> OpenAsync(TimeSpan interval, params (string Name, string Value)[] certificate)
    {
        var kestrel = new ConfigurationBuilder()
            .AddInMemoryCollection(
                certificate.Select(value => KeyValuePair.Create($"Certificates:Default:{value.Name}", (string?)value.Value)))
            .Build();
        return TestGateway.OpenAsync(with: options => options with { Kestrel = kestrel, CertificateReloadInterval = interval });
    }

    private static async Task<SslStream> ConnectAsync(TestGateway testGateway)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", testGateway.Gateway.Port);
        var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        })
            .WaitAsync(Patience.Limit);
        return stream;
    }

    private static async Task<string> ServedByAsync(TestGateway testGateway)
    {
        await using var stream = await ConnectAsync(testGateway);
        return ThumbprintOf(stream);
    }

    private static string ThumbprintOf(SslStream stream) => stream.RemoteCertificate!.GetCertHashString();

    private static async Task<string> GetHealthAsync(SslStream stream)
    {
        await stream.WriteAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        var answer = new byte[4096];
        return Encoding.ASCII.GetString(answer, 0, await stream.ReadAsync(answer).AsTask().WaitAsync(Patience.Limit));
    }

    private X509Certificate2 WriteCertificate(string subject = "CN=localhost", string folder = "", bool withKey = true)
    {
        using var key = RSA.Create(2048);
        var certificate = NewCertificate(subject, key);
        var path = _folder.CreateSubdirectory(folder.Length > 0 ? folder : ".").FullName;
        Replace(Path.Combine(path, "certificate.pem"), certificate.ExportCertificatePem());
        if (withKey)
            Replace(Path.Combine(path, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    // Replaced atomically, so that no partial file is read.
    private static void Replace(string path, string text)
    {
        File.WriteAllText($"{path}.new", text);
        File.Move($"{path}.new", path, overwrite: true);
    }

    private X509Certificate2 WritePfx(string subject)
    {
        using var key = RSA.Create(2048);
        var certificate = NewCertificate(subject, key);
        File.WriteAllBytes(PfxPath, certificate.Export(X509ContentType.Pkcs12, Password));
        return certificate;
    }

    private static X509Certificate2 NewCertificate(string subject, RSA key)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
