using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Delay;

/// <summary><c>kisfeed gateway</c> in its own process, connected to a service.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly ServerProcess _server;
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _http = new();

    private GatewayProcess(ServerProcess server, DirectoryInfo folder)
    {
        _server = server;
        _folder = folder;
    }

    public RunningProcess Process => _server.Process;

    public int Port => _server.Port;

    /// <summary>Starts a gateway. It is listening when the task completes.</summary>
    /// <param name="upstream">The service.</param>
    /// <param name="tokens">Its consumers; <see langword="null"/> for access without credentials.</param>
    /// <param name="more">Further options.</param>
    public static async Task<GatewayProcess> StartAsync(
        Uri upstream, IReadOnlyList<ConsumerToken>? tokens = null, params IEnumerable<string> more)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-delay-");
        var tokenFile = Path.Combine(folder.FullName, "tokens.json");
        if (tokens is not null)
            ConsumerToken.Write(tokenFile, tokens);
        var server = await ServerProcess.StartKisFeedAsync(
            [
                "gateway", "--port", "0", "--health-port", "0", "--format", "json", "--keep", "index:0001", "--log", "warning",
                .. (string[])(tokens is null ? ["--insecure-no-tokens"] : ["--tokens", tokenFile]), .. more,
            ],
            [
                ("KISFEED_URL", upstream.ToString()),
                ("KISFEED_APPKEY", Consumer.AppKey),
                ("KISFEED_APPSECRET", Consumer.AppSecret),
            ]);
        var gateway = new GatewayProcess(server, folder);
        if (tokens is [var first, ..])
            gateway._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", first.Basic);
        return gateway;
    }

    /// <summary>Requests an approval key, which any number of consumers may use.</summary>
    public async Task<string> ApprovalKeyAsync()
    {
        using var body = new StringContent(
            $$"""{"grant_type":"client_credentials","appkey":"{{Consumer.AppKey}}","secretkey":"{{Consumer.AppSecret}}"}""");
        using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{Port}/oauth2/Approval"), body);
        using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("approval_key").GetString()!;
    }

    /// <summary>Whether the health endpoint responds within a second.</summary>
    public async Task<bool> IsHealthyAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            using var answer = await _http.GetAsync(new Uri($"{_server.Address.GetProperty("health").GetString()}/healthz"), limit.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>A total of its status.</summary>
    public async Task<long> TotalAsync(string name)
    {
        using var status = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/v1/status")));
        return status.RootElement.GetProperty("totals").GetProperty(name).GetInt64();
    }

    /// <summary>The managed heap after the last collection, in bytes.</summary>
    public async Task<long> HeapAsync()
    {
        const string Name = "dotnet_gc_last_collection_heap_size_bytes";
        var metrics = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{Port}/metrics"));
        return metrics.Split('\n').Where(line => line.StartsWith(Name, StringComparison.Ordinal))
            .Sum(line => (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }
}
