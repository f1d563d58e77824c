using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Gateway.Tests.Broker;
using Microsoft.Extensions.Configuration;

namespace KisFeed.Gateway.Tests;

/// <summary>TLS by Kestrel's own configuration, for all that the gateway serves.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-tls-");

    private string CertificatePath => Path.Combine(_folder.FullName, "certificate.pem");

    private string KeyPath => Path.Combine(_folder.FullName, "key.pem");

    [Fact]
    public async Task With_a_certificate_everything_is_encrypted_and_nothing_else_is_answered()
    {
        using var certificate = WriteCertificate();
        await using var stage = await OpenAsync(("Path", CertificatePath), ("KeyPath", KeyPath));
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(certificate);
        using var web = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } });
        using var plain = new HttpClient();

        stage.Gateway.RestUrl.Scheme.ShouldBe("https");
        stage.Gateway.WebSocketUrl.Scheme.ShouldBe("wss");
        (await web.GetStringAsync(new Uri(stage.Gateway.RestUrl, "/healthz"))).ShouldNotBeEmpty();
        await Should.ThrowAsync<HttpRequestException>(() => plain.GetStringAsync(new Uri($"http://127.0.0.1:{stage.Gateway.Port}/healthz")));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(stage.Gateway.WebSocketUrl, "/tryitout"), web, CancellationToken.None).WaitAsync(Patience.Limit);
        socket.State.ShouldBe(WebSocketState.Open);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_is_told_at_the_start()
    {
        WriteCertificate().Dispose();

        (await Should.ThrowAsync<KisFeedConfigurationException>(() => OpenAsync(("Path", CertificatePath)))).Message.ShouldStartWith("the certificate cannot be used: ");
        (await Should.ThrowAsync<KisFeedConfigurationException>(() => OpenAsync(("Path", KeyPath), ("KeyPath", CertificatePath)))).Message.ShouldStartWith("the certificate cannot be used: ");
    }

    [Fact]
    public void Endpoints_of_the_configuration_are_refused()
    {
        var kestrel = new ConfigurationBuilder().AddInMemoryCollection([new("Endpoints:Http:Url", "http://0.0.0.0:80")]).Build();
        var options = new GatewayOptions { Upstream = Stage.ClientOf(new Uri("ws://127.0.0.1:1")), Kestrel = kestrel };

        Should.Throw<ArgumentException>(options.Validate).ParamName.ShouldBe(nameof(GatewayOptions.Kestrel));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static Task<Stage> OpenAsync(params (string Name, string Value)[] certificate)
    {
        var kestrel = new ConfigurationBuilder().AddInMemoryCollection(certificate.Select(value => KeyValuePair.Create($"Certificates:Default:{value.Name}", (string?)value.Value))).Build();
        return Stage.OpenAsync(with: options => options with { Kestrel = kestrel });
    }

    private X509Certificate2 WriteCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
