using System.Text.Json;
using KisFeed.Capture.Tests;
using KisFeed.TestSupport;

namespace KisFeed.Cluster.Tests.Staging;

/// <summary>A gateway of a cluster, as a process. It can be killed and started again.</summary>
internal sealed class GatewayNode : IAsyncDisposable
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    private readonly IReadOnlyDictionary<string, string> _variables;
    private readonly string[] _arguments;
    private readonly CaptureFolder _folder;
    private readonly List<RunningProcess> _ended = [];
    private RunningProcess? _process;

    private GatewayNode(string name, IReadOnlyDictionary<string, string> variables, CaptureFolder folder, string[] arguments)
    {
        Name = name;
        _variables = variables;
        _folder = folder;
        _arguments = arguments;
    }

    /// <summary>The name without the suffix of a start.</summary>
    public string Name { get; }

    /// <summary>The address of the web pages and streams.</summary>
    public string Web { get; private set; } = "";

    /// <summary>The folder of the recording.</summary>
    public string Recording => _folder.Path;

    /// <summary>What all its processes have logged.</summary>
    public string Log => string.Concat(_ended.Append(_process).OfType<RunningProcess>().Select(process => process.Errors));

    /// <summary>Starts an ingest, which records.</summary>
    public static Task<GatewayNode> StartIngestAsync(
        string name, IReadOnlyDictionary<string, string> variables, string amqp, params string[] arguments)
    {
        var folder = new CaptureFolder();
        return StartAsync(name, variables, folder, ["--record", folder.Path, "--sink", amqp, "--sink-source", name, .. arguments]);
    }

    /// <summary>Starts an edge.</summary>
    public static Task<GatewayNode> StartEdgeAsync(
        string name, IReadOnlyDictionary<string, string> variables, string amqp, params string[] arguments) =>
        StartAsync(name, variables, new CaptureFolder(), ["--upstream", amqp, .. arguments]);

    /// <summary>Starts it again after <see cref="KillAsync"/>.</summary>
    public async Task StartAsync()
    {
        _process = ProcessRunner.StartKisFeed(
            new ProcessOptions { Environment = _variables, Name = Name },
            ["gateway", "--port", "0", "--insecure-no-tokens", "--format", "json", "--coordination", "--node", Name, .. _arguments]);
        var line = await _process.ReadLineAsync(s_startLimit);
        Web = JsonSerializer.Deserialize<JsonElement>(line).GetProperty("rest").GetString()!;
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _ended.Add(_process);
        _process = null;
    }

    public Task StopAsync() => _process!.SignalAsync("STOP");

    public Task ContinueAsync() => _process!.SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _ended.Append(_process).OfType<RunningProcess>())
            await process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<GatewayNode> StartAsync(
        string name, IReadOnlyDictionary<string, string> variables, CaptureFolder folder, string[] arguments)
    {
        var node = new GatewayNode(name, variables, folder, arguments);
        try
        {
            await node.StartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }
}
