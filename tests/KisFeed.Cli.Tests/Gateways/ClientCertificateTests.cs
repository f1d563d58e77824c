using System.Security.Cryptography.X509Certificates;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>Client certificates: a gateway that requires them, and the options of both sides.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-mtls-");
    private readonly TestAuthority _authority = new("CN=desk CA");

    private string CaPath => Path.Combine(_folder.FullName, "ca.pem");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _authority.Dispose();
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Watch_presents_its_certificate_and_reports_a_missing_one()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await File.WriteAllTextAsync(CaPath, _authority.Certificate.ExportCertificatePem());
        var (server, serverKey) = Write("server", TestAuthority.ServerAuthentication);
        var (client, clientKey) = Write("client", TestAuthority.ClientAuthentication);
        var both = Path.Combine(_folder.FullName, "both.pem");
        await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(clientKey) + "\n" + await File.ReadAllTextAsync(client));
        var nothing = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var gateway = RunningCommand.Start(
            nothing, "gateway", "--simulate", "--rate", "500", "--port", "0", "--format", "json", "--certificate", server,
            "--certificate-key", serverKey, "--client-ca", CaPath);
        await gateway.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal));
        var url = $"wss://localhost:{JsonSerializer.Deserialize<JsonElement>(gateway.Output).GetProperty("port").GetInt32()}";

        (await WatchAsync(url, ExitCode.Success, "--client-certificate", client, "--client-certificate-key", clientKey))
            .ShouldNotContain("certificate");
        (await WatchAsync(url, ExitCode.Success, "--client-certificate", both)).ShouldNotContain("certificate");
        (await WatchAsync(url, ExitCode.ConnectionLost))
            .ShouldContain("localhost ended the TLS connection without an answer. It may require a client certificate");
        (await WatchAsync(url, ExitCode.Usage, "--client-certificate", CaPath + "x"))
            .ShouldContain("--client-certificate cannot be used: ");
        gateway.Error.ShouldContain("Clients need a certificate issued by CN=desk CA");
    }

    [Theory]
    [InlineData("--client-ca needs --certificate", "gateway", "--client-ca", "ca.pem")]
    [InlineData("--client-certificate-key needs --client-certificate.", "watch", "index:0001", "--client-certificate-key", "key.pem")]
    public async Task Options_that_require_another_option_are_reported(string message, params string[] arguments)
    {
        (await CommandRun.OfAsync(arguments)).ShouldFail(ExitCode.Usage, message);
    }

    private async Task<string> WatchAsync(string url, int code, params string[] arguments)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { ["SSL_CERT_FILE"] = CaPath };
        await using var command = ProcessRunner.StartKisFeed(
            variables, ["watch", "index:0001", "--url", url, "--count", "1", .. arguments]);
        (await command.WaitForExitAsync(Patience.Limit)).ShouldBe(code, command.Errors);
        return string.Concat(command.Errors.Split('\n').Where(line => !line.Contains("placeholder", StringComparison.Ordinal)));
    }

    private (string Certificate, string Key) Write(string name, string usage)
    {
        using var certificate = _authority.Issue($"CN={name}", usage: usage);
        using var key = certificate.GetECDsaPrivateKey()!;
        var (path, keyPath) = (Path.Combine(_folder.FullName, $"{name}.crt"), Path.Combine(_folder.FullName, $"{name}.key"));
        File.WriteAllText(path, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
        return (path, keyPath);
    }
}
