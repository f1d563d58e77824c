using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KisFeed.TestSupport;

/// <summary>
/// A temporary RabbitMQ node with a folder and ports of its own on the loopback interface. It ends with the test or its process.
/// </summary>
internal sealed class RabbitNode : IAsyncDisposable
{
    private const int Attempts = 3;
    private const string PortInUse = "dist_port_already_used";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    // Nodes and their port mapper must not outlive the process, so they end when their input is closed.
    private const string Serve = """
        "$1/rabbitmq-server" &
        read -r _
        kill -KILL "$(cat "$RABBITMQ_PID_FILE")"
        wait
        """;

    private const string Map = """
        epmd &
        read -r _
        kill $!
        wait
        """;

    private readonly DirectoryInfo _folder;
    private readonly Dictionary<string, string> _environment;
    private readonly ReservedPort[] _ports;
    private readonly bool _isFirst;
    private RunningProcess? _mapper;
    private RunningProcess? _process;

    // The ports of the first node include that of the port mapper.
    private RabbitNode(DirectoryInfo folder, int mapperPort, bool isFirst, params ReservedPort[] ports)
    {
        _folder = folder;
        _isFirst = isFirst;
        _ports = ports;
        Port = ports[0].Number;
        Name = string.Create(CultureInfo.InvariantCulture, $"n{Port}@localhost");
        _environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = folder.FullName,
            ["LC_ALL"] = "C.UTF-8",
            ["RABBITMQ_NODENAME"] = Name,
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = ports[1].Number.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = mapperPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder.FullName, Name),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder.FullName, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder.FullName, $"{Name}.pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder.FullName, "plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder.FullName, Name),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 1:1 +sbwt none -kernel net_ticktime 8 inet_dist_use_interface {127,0,0,1}",
        };
    }

    public string Name { get; }

    public int Port { get; }

    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{Port}"));

    private static string Binaries =>
        (Directory.Exists("/usr/lib/rabbitmq/lib") ? Directory.GetDirectories("/usr/lib/rabbitmq/lib") : [])
            .Select(version => Path.Combine(version, "sbin"))
            .LastOrDefault(bin => File.Exists(Path.Combine(bin, "rabbitmq-server")))
        ?? throw new InvalidOperationException(
            "RabbitMQ is missing: install the package rabbitmq-server (Debian), or run eng/setup.sh as root.");

    /// <summary>Starts a node.</summary>
    /// <param name="configuration">Lines of <c>rabbitmq.conf</c>.</param>
    public static async Task<RabbitNode> StartAsync(string configuration = "") => (await StartClusterAsync(1, configuration))[0];

    /// <summary>Starts a cluster. Dispose the first node last.</summary>
    /// <param name="count">The number of nodes.</param>
    /// <param name="configuration">Lines of <c>rabbitmq.conf</c>.</param>
    public static async Task<IReadOnlyList<RabbitNode>> StartClusterAsync(int count, string configuration = "")
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartOnceAsync(count, configuration);
            }
            catch (InvalidOperationException e) when (attempt < Attempts && e.Message.Contains(PortInUse, StringComparison.Ordinal))
            {
                // A node binds its ports on all addresses, which a connection of another program prevents.
            }
        }
    }

    /// <summary>Starts the node again after <see cref="KillAsync"/>.</summary>
    public async Task RestartAsync()
    {
        if (_isFirst)
        {
            _mapper ??= ProcessRunner.Start(
                "bash", ["-c", Map], new ProcessOptions { WorkingDirectory = "/", Environment = _environment, Name = "epmd" });
        }
        _process = ProcessRunner.Start(
            "bash",
            ["-c", Serve, "bash", Binaries],
            new ProcessOptions { WorkingDirectory = "/", Environment = _environment, Name = "RabbitMQ" });
        using var limit = new CancellationTokenSource(s_limit);
        while (!await IsListeningAsync())
        {
            if (_process.HasExited || limit.IsCancellationRequested)
                throw new InvalidOperationException($"the node did not start: {_process.Report}");
            await Task.Delay(s_pause, CancellationToken.None);
        }
    }

    /// <summary>Kills the node (SIGKILL), as a loss of power does.</summary>
    public async Task KillAsync()
    {
        var process = _process;
        _process = null;
        await EndAsync(process);
    }

    /// <summary>Stops the node without ending it (SIGSTOP).</summary>
    public Task StopAsync() => SignalAsync("STOP");

    /// <summary>Continues a stopped node (SIGCONT).</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Runs <c>rabbitmqctl</c> against the node, and returns its output.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public Task<string> ControlAsync(params string[] arguments) =>
        RunAsync(Path.Combine(Binaries, "rabbitmqctl"), ["-q", "-n", Name, .. arguments]);

    /// <summary>Runs a script that calls <c>rabbitmqctl</c>, in the variable <c>RABBITMQCTL</c>, and returns its output.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public Task<string> RunAsync(string script, params string[] arguments)
    {
        var environment = new Dictionary<string, string>(_environment, StringComparer.Ordinal)
        {
            ["RABBITMQCTL"] = $"{Path.Combine(Binaries, "rabbitmqctl")} -q -n {Name}",
        };

        // With a trace, so that a failure shows at which command.
        return ProcessRunner.RunAsync(
            "bash",
            ["-x", script, .. arguments],
            s_limit,
            new ProcessOptions { WorkingDirectory = "/", Environment = environment, Name = Path.GetFileName(script) });
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_isFirst)
        {
            await EndAsync(_mapper);
            _folder.Delete(recursive: true);
        }

        foreach (var port in _ports)
            port.Dispose();
    }

    private static async Task<IReadOnlyList<RabbitNode>> StartOnceAsync(int count, string configuration)
    {
        var folder = Directory.CreateTempSubdirectory("kisfeed-mq-");
        var mapperPort = ReservedPort.Take();
        var nodes = Enumerable.Range(0, count)
            .Select(i => new RabbitNode(
                folder,
                mapperPort.Number,
                isFirst: i == 0,
                [ReservedPort.Take(), ReservedPort.Take(), .. i == 0 ? [mapperPort] : Array.Empty<ReservedPort>()]))
            .ToList();
        var members = count == 1
            ? []
            : nodes.Select((node, i) => $"cluster_formation.classic_config.nodes.{i + 1} = {node.Name}")
                .Prepend("cluster_formation.peer_discovery_backend = classic_config");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "plugins"), "[].");
            foreach (var node in nodes)
            {
                await File.WriteAllTextAsync(
                    Path.Combine(folder.FullName, $"{node.Name}.conf"),
                    $"log.console = false\n{string.Join('\n', members)}\n{configuration}\n");
            }

            // The others join the first.
            await nodes[0].RestartAsync();
            await Task.WhenAll(nodes.Skip(1).Select(node => node.RestartAsync()));

            return nodes;
        }
        catch
        {
            foreach (var node in Enumerable.Reverse(nodes))
                await node.DisposeAsync();
            throw;
        }
    }

    private Task<string> SignalAsync(string signal) => ProcessRunner.RunAsync(
        "bash", ["-c", "kill -\"$1\" \"$(cat \"$2\")\"", "bash", signal, _environment["RABBITMQ_PID_FILE"]], s_limit);

    private static async Task EndAsync(RunningProcess? process)
    {
        if (process is null)
            return;
        await using (process)
        {
            process.Input.Close();
            await process.WaitForExitAsync(s_limit);
        }
    }

    // The last step of a starting node is to listen.
    private async Task<bool> IsListeningAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
