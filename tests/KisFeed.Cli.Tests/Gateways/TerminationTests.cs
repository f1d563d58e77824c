using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KisFeed.Capture;
using KisFeed.Capture.Tests;

namespace KisFeed.Cli.Tests.Gateways;

/// <summary>SIGTERM and SIGHUP to a gateway process while it serves and records thousands of frames per second.</summary>
public sealed class TerminationTests(ITestOutputHelper report) : IDisposable
{
    private const int Rounds = 4;
    private const int FewRounds = 2;
    private const int Consumers = 3;

    private static readonly DateTimeOffset s_issued = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly HttpClient s_web = new();

    private readonly CaptureFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task A_stop_at_any_time_records_all_received_data_and_notifies_consumers()
    {
        var seed = TestRun.Seed;
        var random = new Random(seed);
        await using var service = await NumberedService.StartAsync(new() { Burst = 100, Pause = TimeSpan.FromMilliseconds(5) });
        try
        {
            for (var round = 0; round < (TestRun.IsFull ? Rounds : FewRounds); round++)
                await TerminateAsync(service, round, random.Next(300));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
        }
    }

    [Fact]
    public async Task A_hangup_signal_makes_a_service_reload_its_tokens()
    {
        var tokens = Path.Combine(_folder.Path, "tokens.json");
        await using var gateway = ProcessRunner.StartKisFeed(
            "gateway", "--simulate", "--port", "0", "--format", "json", "--tokens", tokens);
        var line = await gateway.ReadLineAsync(Patience.Limit);
        var status = new Uri($"{JsonSerializer.Deserialize<JsonElement>(line).GetProperty("rest").GetString()}/v1/status");
        using (var answer = await s_web.GetAsync(status))
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, "the named file does not exist");
        var tlsGateway = (await CommandRun.OfAsync("gateway", "token", "add", "desk", "--file", tokens, "--format", "json")).Objects
            .ShouldHaveSingleItem();

        await gateway.SignalAsync("HUP");

        await Patience.UntilAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, status);
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.ASCII.GetBytes(
                    $"{tlsGateway.GetProperty("appKey").GetString()}:{tlsGateway.GetProperty("appSecret").GetString()}")));
            using var answer = await s_web.SendAsync(request);
            return answer.StatusCode == HttpStatusCode.OK;
        });
        await gateway.SignalAsync("TERM");
        (await gateway.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, gateway.Errors);
    }

    [Fact]
    public async Task A_hangup_signal_makes_a_service_reload_its_certificate()
    {
        var (certificate, key) = (Path.Combine(_folder.Path, "certificate.pem"), Path.Combine(_folder.Path, "key.pem"));
        WriteCertificate(certificate, key, "CN=former");
        await using var gateway = ProcessRunner.StartKisFeed(
            "gateway", "--simulate", "--port", "0", "--format", "json", "--insecure-no-tokens", "--certificate", certificate,
            "--certificate-key", key);
        var line = await gateway.ReadLineAsync(Patience.Limit);
        WriteCertificate(certificate, key, "CN=latter");

        await gateway.SignalAsync("HUP");

        await Patience.UntilAsync(
            () => gateway.Errors.Contains("The certificate of CN=latter is in use for new connections", StringComparison.Ordinal));
        using var client = new TcpClient();
        await client.ConnectAsync(
            "127.0.0.1", new Uri(JsonSerializer.Deserialize<JsonElement>(line).GetProperty("rest").GetString()!).Port);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "latter",
            RemoteCertificateValidationCallback = (_, served, _, _) => served?.Subject == "CN=latter",
        });
        stream.IsAuthenticated.ShouldBeTrue();
    }

    // Files with unchanged metadata, so that only the signal causes a reload.
    private static void WriteCertificate(string certificatePath, string keyPath, string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string text;
        do
        {
            using var certificate = new CertificateRequest(subject, key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(s_issued, s_issued.AddYears(30));
            text = certificate.ExportCertificatePem();
        }
        while (File.Exists(certificatePath) && new FileInfo(certificatePath).Length != text.Length);
        foreach (var (path, content) in new[] { (certificatePath, text), (keyPath, key.ExportPkcs8PrivateKeyPem()) })
        {
            File.WriteAllText(path, content);
            File.SetLastWriteTimeUtc(path, s_issued.UtcDateTime);
        }
    }

    private async Task TerminateAsync(NumberedService service, int round, int patience)
    {
        var folder = Path.Combine(_folder.Path, $"{round}");
        await using var gateway = ProcessRunner.StartKisFeed(
            Service.VariablesFor(service.Url.ToString()),
            [
                "gateway", "--port", "0", "--format", "json", "--insecure-no-tokens", "--record", folder,
                .. NumberedService.Keys.SelectMany(key => new[] { "--keep", $"{key.TrId}:{key.Key}" }),
            ]);
        var line = await gateway.ReadLineAsync(Patience.Limit);
        var address = JsonSerializer.Deserialize<JsonElement>(line);
        var reading = new List<Task<int>>();
        for (var i = 0; i < Consumers; i++)
        {
            var consumer = await FeedClient.ConnectAsync(new Uri(address.GetProperty("websocket").GetString()!));
            foreach (var (trId, key) in NumberedService.Keys)
                await consumer.SendAsync(FeedClient.Request(consumer.ApprovalKey, "1", trId, key));
            reading.Add(Task.Run(() => LastAsync(consumer)));
        }

        await service.UntilSentAsync(round, 2_000);
        await Task.Delay(patience);
        var received = await ReceivedAsync(address.GetProperty("rest").GetString()!);
        await gateway.SignalAsync("TERM");

        (await gateway.WaitForExitAsync(Patience.Limit)).ShouldBe(ExitCode.Success, gateway.Errors);
        var last = (await Task.WhenAll(reading)).Max();
        var recorded = 0;
        await foreach (var frame in CaptureReader.Open(folder).ReadFramesAsync())
            Encoding.UTF8.GetString(frame.Bytes.Span).ShouldBe(NumberedService.Frame(round, recorded++));
        received.ShouldBeGreaterThan(0);
        recorded.ShouldBeGreaterThanOrEqualTo(received);
        recorded.ShouldBeGreaterThan(last);
        report.WriteLine($"round {round}: {received} received before the signal, {recorded} recorded, consumers had up to {last + 1} of "
            + $"{service.SentOn(round)} sent");
    }

    private static async Task<int> ReceivedAsync(string url)
    {
        using var status = JsonDocument.Parse(await s_web.GetStringAsync(new Uri($"{url}/v1/status")));
        return status.RootElement.GetProperty("totals").GetProperty("framesReceived").GetInt32();
    }

    // The number of the last frame before the close frame.
    private static async Task<int> LastAsync(FeedClient consumer)
    {
        await using var _ = consumer;
        var last = -1;
        while (await consumer.ReceiveAsync() is { } text)
        {
            if (text[0] == '0')
                last = NumberedService.NumberOf(Encoding.UTF8.GetBytes(text)).Number;
        }

        consumer.Socket.CloseStatusDescription.ShouldBe("the gateway stops");
        return last;
    }
}
