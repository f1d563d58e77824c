using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>A server that is measured: a process of its own, with an upstream of its own.</summary>
internal sealed class FanoutServer : IAsyncDisposable
{
    private const string AppKey = "FANOUTAPPKEY000000000000000000000000";

    private readonly FanoutUpstream _upstream;
    private readonly Process _process;

    private FanoutServer(FanoutUpstream upstream, Process process, int port, string approvalKey)
    {
        _upstream = upstream;
        _process = process;
        Port = port;
        ApprovalKey = approvalKey;
    }

    public FanoutUpstream Upstream => _upstream;

    public int ProcessId => _process.Id;

    public int Port { get; }

    /// <summary>What a consumer proves itself with.</summary>
    public string ApprovalKey { get; }

    /// <summary>The processor time that it has taken.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    private static string AppSecret { get; } = new('s', 180);

    /// <summary>Starts the gateway as users start it.</summary>
    public static Task<FanoutServer> StartGatewayAsync(CancellationToken cancellationToken) =>
        StartAsync("KisFeed.Cli.dll", _ => ["gateway", "--port", "0", "--format", "json", "--keep", "index:0001", "--tokens", "none", "--log", "error", "--duration", "10m"], GetApprovalKeyAsync, cancellationToken);

    /// <summary>Starts the bare broadcast.</summary>
    public static Task<FanoutServer> StartBareAsync(CancellationToken cancellationToken) =>
        StartAsync("KisFeed.Benchmarks.dll", upstream => [BareBroadcast.Verb, upstream.ToString()], (_, _) => Task.FromResult("none"), cancellationToken);

    /// <summary>Its memory in bytes: <c>VmRSS</c> now, <c>RssAnon</c> without files that are mapped. 0 on systems that do not tell it so.</summary>
    public long Memory(string name)
    {
        var file = $"/proc/{_process.Id}/status";
        var line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        await _upstream.DisposeAsync();
    }

    private static async Task<FanoutServer> StartAsync(string program, Func<Uri, string[]> arguments, Func<int, CancellationToken, Task<string>> getApprovalKeyAsync, CancellationToken cancellationToken)
    {
        var upstream = await FanoutUpstream.StartAsync();
        var process = Start(program, arguments(upstream.Url), upstream.Url);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException($"{program} did not start: it says why above");
            using var address = JsonDocument.Parse(line);
            var port = address.RootElement.GetProperty("port").GetInt32();
            await upstream.UntilRegisteredAsync(cancellationToken);
            return new FanoutServer(upstream, process, port, await getApprovalKeyAsync(port, cancellationToken));
        }
        catch
        {
            process.Kill();
            process.Dispose();
            await upstream.DisposeAsync();
            throw;
        }
    }

    private static Process Start(string program, string[] arguments, Uri upstream)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["KISFEED_CONFIG"] = "none";
        start.Environment["KISFEED_URL"] = upstream.ToString();
        start.Environment["KISFEED_APPKEY"] = AppKey;
        start.Environment["KISFEED_APPSECRET"] = AppSecret;
        return Process.Start(start)!;
    }

    private static async Task<string> GetApprovalKeyAsync(int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var body = new StringContent($$"""{"grant_type":"client_credentials","appkey":"{{AppKey}}","secretkey":"{{AppSecret}}"}""");
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/oauth2/Approval"), body, cancellationToken);
        using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
        return json.RootElement.GetProperty("approval_key").GetString()!;
    }
}
