using System.Globalization;
using System.Net;
using System.Text.Json;
using KisFeed.Hostile.Attacks;

namespace KisFeed.Hostile.Tests;

/// <summary>
/// A recording <c>kisfeed gateway</c> process, connected to a service with numbered frames. It has a monitored consumer and another one
/// whose credentials the attacker has.
/// </summary>
internal sealed class AttackedGateway : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly NumberedService _service;
    private readonly RunningProcess _gateway;
    private readonly HttpClient _http = new() { Timeout = Patience.Limit };
    private readonly Uri _rest;
    private readonly Uri _health;
    private readonly (string AppKey, string AppSecret) _victim;

    private AttackedGateway(
        DirectoryInfo folder, NumberedService service, RunningProcess gateway, JsonElement address,
        (string AppKey, string AppSecret) monitored, (string AppKey, string AppSecret) attacker)
    {
        _folder = folder;
        _service = service;
        _gateway = gateway;
        _rest = new Uri(address.GetProperty("rest").GetString()!);
        _health = new Uri(address.GetProperty("health").GetString()!);
        _victim = monitored;
        Target = new AttackTarget(_rest.Port, attacker.AppKey, attacker.AppSecret);
    }

    public AttackTarget Target { get; }

    /// <summary>The log of the gateway.</summary>
    public string Log => _gateway.Errors;

    private Uri WebSocketUrl => new UriBuilder(_rest) { Scheme = Uri.UriSchemeWs }.Uri;

    private string CapturePath => Path.Combine(_folder.FullName, "capture");

    /// <summary>Starts service and gateway.</summary>
    /// <param name="descriptors">The limit of open files and sockets of the gateway's process.</param>
    public static async Task<AttackedGateway> StartAsync(int descriptors)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-hostile-");
        var tokens = Path.Combine(folder.FullName, "tokens.json");
        var monitored = await AddAsync("victim", tokens);
        var attacker = await AddAsync("attacker", tokens);
        var service = await NumberedService.StartAsync(new NumberedService.Options { Burst = 10, Pause = TimeSpan.FromMilliseconds(10) });
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["KISFEED_URL"] = service.Url.AbsoluteUri,
            ["KISFEED_APPKEY"] = TestCredentials.NewAppKey(),
            ["KISFEED_APPSECRET"] = TestCredentials.AppSecret,
        };
        var keep = string.Join(',', NumberedService.Keys.Select(key => $"{key.TrId}:{key.Key}"));
        var command = string.Create(CultureInfo.InvariantCulture, $"ulimit -n {descriptors}; exec \"$@\"");
        string[] arguments =
        [
            "gateway", "--port", "0", "--health-port", "0", "--format", "json", "--log", "warning", "--tokens", tokens, "--keep", keep,
            "--record", Path.Combine(folder.FullName, "capture"),
        ];
        var gateway = ProcessRunner.Start(
            "/bin/bash",
            ["-c", command, "kisfeed", .. ProcessRunner.KisFeed, .. arguments],
            new ProcessOptions { Environment = variables });
        var line = await gateway.ReadLineAsync(Patience.Limit);
        await service.UntilSentAsync(0, 100);
        return new AttackedGateway(folder, service, gateway, JsonDocument.Parse(line).RootElement.Clone(), monitored, attacker);
    }

    /// <summary>Whether the health port responds.</summary>
    public async Task<bool> IsHealthyAsync()
    {
        using var answer = await _http.GetAsync(new Uri(_health, "/healthz"));
        using var ready = await _http.GetAsync(new Uri(_health, "/readyz"));
        return answer.StatusCode == HttpStatusCode.OK && ready.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>Connects like the monitored consumer, with valid credentials and a registration.</summary>
    /// <exception cref="IOException">The connection was aborted.</exception>
    public async Task<FeedClient> ConnectAsync()
    {
        using var body = new StringContent(RestClient.Approval(_victim.AppKey, _victim.AppSecret));
        using var answer = await _http.PostAsync(new Uri(_rest, "/oauth2/Approval"), body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var client = await FeedClient.ConnectAsync(WebSocketUrl, json.RootElement.GetProperty("approval_key").GetString());
        foreach (var (trId, key) in NumberedService.Keys)
            (await client.RegisterAsync(trId, key)).IsSuccess.ShouldBeTrue();
        return client;
    }

    /// <summary>Stops the gateway, which must still be running, and checks that it has recorded every sent frame.</summary>
    /// <param name="monitored">A consumer of all frames, which indicates when the last frame has been forwarded.</param>
    public async Task ShouldHaveRecordedEverythingAsync(MonitoredConsumer monitored)
    {
        await _service.PauseAsync();
        await monitored.UntilAsync(_service.SentOn(0) - 1);
        await _gateway.SignalAsync("TERM");
        (await _gateway.WaitForExitAsync(Patience.Limit)).ShouldBe(0, Log);
        _service.Connections.ShouldBe(1, "upstream was never lost");
        var report = await InspectAsync();
        report.GetProperty("sound").GetBoolean().ShouldBeTrue();
        report.GetProperty("gapCount").GetInt32().ShouldBe(0);
        report.GetProperty("feeds").EnumerateArray().Sum(feed => feed.GetProperty("frames").GetInt64()).ShouldBe(_service.SentOn(0));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _service.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<JsonElement> InspectAsync()
    {
        var lines = await RunAsync("inspect", CapturePath, "--format", "json");
        return JsonDocument.Parse(lines).RootElement.Clone();
    }

    private static async Task<(string AppKey, string AppSecret)> AddAsync(string name, string tokens)
    {
        using var json = JsonDocument.Parse(await RunAsync("gateway", "token", "add", name, "--file", tokens, "--format", "json"));
        return (json.RootElement.GetProperty("appKey").GetString()!, json.RootElement.GetProperty("appSecret").GetString()!);
    }

    private static Task<string> RunAsync(params string[] arguments) =>
        ProcessRunner.RunAsync(ProcessRunner.KisFeed[0], [.. ProcessRunner.KisFeed.Skip(1), .. arguments], Patience.Limit);
}
