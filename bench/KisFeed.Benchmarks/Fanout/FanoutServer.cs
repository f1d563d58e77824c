using System.Text.Json;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Fanout;

/// <summary>A measured server in its own process, with its own upstream.</summary>
internal sealed class FanoutServer : IAsyncDisposable
{
    private const string AppKey = "FANOUTAPPKEY000000000000000000000000";

    private readonly ServerProcess _server;

    private FanoutServer(FanoutUpstream upstream, ServerProcess server, string approvalKey)
    {
        Upstream = upstream;
        _server = server;
        ApprovalKey = approvalKey;
    }

    public FanoutUpstream Upstream { get; }

    public RunningProcess Process => _server.Process;

    public int Port => _server.Port;

    /// <summary>The approval key for consumers.</summary>
    public string ApprovalKey { get; }

    private static string AppSecret { get; } = new('s', 180);

    /// <summary>Starts the gateway as users start it.</summary>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="command">The program and first arguments that start it [<see cref="ProcessRunner.KisFeed"/>].</param>
    public static Task<FanoutServer> StartGatewayAsync(CancellationToken cancellationToken, IReadOnlyList<string>? command = null) =>
        StartAsync((upstream, ending) => StartGatewayAsync(upstream, command, ending), GetApprovalKeyAsync, cancellationToken);

    /// <summary>Starts the bare broadcast.</summary>
    public static Task<FanoutServer> StartBareAsync(CancellationToken cancellationToken) =>
        StartAsync(StartBareAsync, static (_, _) => Task.FromResult("none"), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Upstream.DisposeAsync();
    }

    private static async Task<FanoutServer> StartAsync(
        Func<Uri, CancellationToken, Task<ServerProcess>> startAsync,
        Func<int, CancellationToken, Task<string>> getApprovalKeyAsync,
        CancellationToken cancellationToken)
    {
        var upstream = await FanoutUpstream.StartAsync();
        ServerProcess? server = null;
        try
        {
            server = await startAsync(upstream.Url, cancellationToken);
            await upstream.WaitForRegistrationAsync(cancellationToken);
            return new FanoutServer(upstream, server, await getApprovalKeyAsync(server.Port, cancellationToken));
        }
        catch
        {
            if (server is not null)
                await server.DisposeAsync();
            await upstream.DisposeAsync();
            throw;
        }
    }

    private static Task<ServerProcess> StartGatewayAsync(
        Uri upstream, IReadOnlyList<string>? command, CancellationToken cancellationToken) =>
        ServerProcess.StartKisFeedAsync(
            command ?? ProcessRunner.KisFeed,
            [
                "gateway", "--port", "0", "--format", "json", "--keep", "index:0001", "--insecure-no-tokens", "--log", "error",
                "--duration", "10m",
            ],
            [("KISFEED_URL", upstream.ToString()), ("KISFEED_APPKEY", AppKey), ("KISFEED_APPSECRET", AppSecret)],
            cancellationToken);

    private static Task<ServerProcess> StartBareAsync(Uri upstream, CancellationToken cancellationToken) =>
        ServerProcess.StartOwnAsync([BareBroadcastCommand.Word, upstream.ToString()], cancellationToken);

    private static async Task<string> GetApprovalKeyAsync(int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var body = new StringContent($$"""{"grant_type":"client_credentials","appkey":"{{AppKey}}","secretkey":"{{AppSecret}}"}""");
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/oauth2/Approval"), body, cancellationToken);
        using var json = JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken));
        return json.RootElement.GetProperty("approval_key").GetString()!;
    }
}
