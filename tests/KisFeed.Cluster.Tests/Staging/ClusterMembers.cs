using System.Globalization;
using KisFeed.Coordination;
using KisFeed.Simulator;
using KisFeed.TestSupport;

namespace KisFeed.Cluster.Tests.Staging;

/// <summary>
/// A cluster of its own on the shared servers: a simulated broker, which logs what it does, and what its gateways need to know.
/// </summary>
internal sealed class ClusterMembers : IAsyncDisposable
{
    // Events of the simulator's log.
    private const int OpenedEvent = 10;
    private const int EndedEvent = 11;
    private const int RegisteredEvent = 12;
    private const int ReleasedEvent = 13;

    // The broker notices a dead connection before the lease of its holder expires, so it has never two sessions of one app key.
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromMilliseconds(800);

    private readonly ClusterDatabase _database;
    private readonly ClusterServers _servers;
    private readonly List<IAsyncDisposable> _owned = [];

    private ClusterMembers(ClusterServers servers, string name)
    {
        _servers = servers;
        Name = name;
        _database = new ClusterDatabase($"Host={servers.Postgres.Host};Username=kisfeed;Database=kisfeed", name);
    }

    /// <summary>The name of the schema and the beginning of the names of the streams.</summary>
    public string Name { get; }

    public SimulatorServer Simulator { get; private set; } = null!;

    public RecordingLoggerFactory Broker { get; } = new();

    private string Amqp => _servers.Rabbit.Address.ToString();

    /// <summary>Starts the broker.</summary>
    /// <param name="servers">The servers of the cluster.</param>
    /// <param name="name">The name of the cluster.</param>
    /// <param name="seed">The seed of the data.</param>
    /// <param name="heartbeat">When the broker notices a dead session; a busy machine may answer a short one too late.</param>
    public static async Task<ClusterMembers> StartAsync(ClusterServers servers, string name, int seed, TimeSpan? heartbeat = null)
    {
        var members = new ClusterMembers(servers, name);
        members.Simulator = await SimulatorServer.StartAsync(new SimulatorOptions
        {
            Rate = 50,
            Loop = true,
            Seed = seed,
            HeartbeatInterval = heartbeat ?? s_heartbeat,
            HeartbeatTimeout = heartbeat ?? s_heartbeat,
            LoggerFactory = members.Broker,
        });
        members._owned.Add(members.Simulator);
        return members;
    }

    /// <summary>Starts an ingest.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="network">Its network.</param>
    /// <param name="appKeys">The numbers of its app keys.</param>
    /// <param name="arguments">Other arguments.</param>
    public Task<GatewayNode> StartIngestAsync(string name, HeldNetwork network, int[] appKeys, params string[] arguments) =>
        StartIngestAsync(name, network, network, appKeys, arguments);

    /// <summary>Starts an ingest that reaches the database over a network of its own.</summary>
    public async Task<GatewayNode> StartIngestAsync(
        string name, HeldNetwork network, HeldNetwork database, int[] appKeys, params string[] arguments)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["KISFEED_URL"] = string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{network.Forward(Simulator.Port)}"),
            ["KISFEED_COORDINATION"] = $"postgres://kisfeed@/kisfeed?host={database.Forward(_servers.Postgres.Host)}",
        };
        for (var i = 0; i < appKeys.Length; i++)
        {
            var suffix = i == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"_{i + 1}");
            variables[$"KISFEED_APPKEY{suffix}"] = string.Create(CultureInfo.InvariantCulture, $"{Name}K{appKeys[i]}").PadRight(36, 'A');
            variables[$"KISFEED_APPSECRET{suffix}"] = new string('s', 180);
        }

        var amqp = string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{network.Forward(_servers.Rabbit.Port)}");
        var node = await GatewayNode.StartIngestAsync(name, variables, amqp, [.. Common, "--live", .. arguments]);
        _owned.Add(node);
        return node;
    }

    /// <summary>Starts an edge.</summary>
    public async Task<GatewayNode> StartEdgeAsync(string name, params string[] arguments)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["KISFEED_COORDINATION"] = $"postgres://kisfeed@/kisfeed?host={_servers.Postgres.Host}",
        };
        var node = await GatewayNode.StartEdgeAsync(name, variables, Amqp, [.. Common, .. arguments]);
        _owned.Add(node);
        return node;
    }

    /// <summary>
    /// The rows. A test process that waits long for a processor loses its connection within a transaction; it reads again.
    /// </summary>
    public async Task<ClusterStatus> StatusAsync()
    {
        while (true)
        {
            try
            {
                return await _database.ReadStatusAsync();
            }
            catch (CoordinationException e) when (e.Message.StartsWith("the database cannot be reached", StringComparison.Ordinal))
            {
                // The next connection is a new one.
            }
        }
    }

    /// <summary>The name of the node that holds each app key, in the order of their hashes; empty if none does.</summary>
    public async Task<IReadOnlyList<string>> HoldersAsync() =>
        [.. (await StatusAsync()).Leases.Select(
            lease => lease.Holder is { } holder && lease.ExpiresIn > TimeSpan.Zero ? holder[..holder.LastIndexOf('-')] : "")];

    /// <summary>The highest number of connection attempts of an app key within a minute.</summary>
    public async Task<int> MostAttemptsInMinuteAsync() => int.Parse(
        (await _servers.Postgres.QueryAsync(
            "SELECT max(n) FROM (SELECT sum(amount) OVER (PARTITION BY app_key ORDER BY used_at RANGE BETWEEN '59.9 seconds' PRECEDING "
            + $"AND CURRENT ROW) AS n FROM {Name}.app_key_use WHERE kind = 'a') AS w"))[0],
        CultureInfo.InvariantCulture);

    /// <summary>How many seconds ago the attempts of the last two minutes were.</summary>
    public async Task<string> AttemptAgesAsync() => string.Join(", ", await _servers.Postgres.QueryAsync(
        $"SELECT round(extract(epoch FROM now() - used_at), 1) FROM {Name}.app_key_use WHERE kind = 'a' "
        + "AND used_at > now() - interval '2 minutes' ORDER BY used_at DESC"));

    /// <summary>What the rows say about some keys, and what the processes have logged, for the message of a failure.</summary>
    public async Task<string> DescribeAsync(IEnumerable<string> keys)
    {
        var rows = await _servers.Postgres.QueryAsync(
            "SELECT concat_ws(' ', p.key, p.state, p.holder, 'since', p.changed_at, 'wanted by', (SELECT string_agg(d.node, ', ') "
            + $"FROM {Name}.demand d WHERE d.key = p.key)) "
            + $"FROM {Name}.placement p "
            + $"WHERE p.key IN ({string.Join(", ", keys.Select(key => $"'{key}'").DefaultIfEmpty("''"))}) ORDER BY p.key");
        return string.Join(
            '\n', [.. rows, .. _owned.OfType<GatewayNode>().Select(node => $"{node.Name}: {node.Log}"), .. BrokerMessages("Connection")]);
    }

    /// <summary>Messages of the broker that contain a text.</summary>
    public IEnumerable<string> BrokerMessages(string text) =>
        Broker.Messages.Where(message => message.Text.Contains(text, StringComparison.Ordinal)).Select(message => message.Text);

    /// <summary>The highest number of sessions that the broker has had at once.</summary>
    public int MostSessionsAtOnce()
    {
        var (open, most) = (0, 0);
        foreach (var (id, _) in Broker.Messages)
        {
            open += id == OpenedEvent ? 1 : id == EndedEvent ? -1 : 0;
            most = Math.Max(most, open);
        }

        return most;
    }

    /// <summary>The keys that the broker has registered, a key once for each connection that has it.</summary>
    public IReadOnlyList<string> RegisteredKeys()
    {
        var keys = new List<(string Connection, string Key)>();
        foreach (var (id, text) in Broker.Messages)
        {
            var words = text.Split(' ');
            if (id == RegisteredEvent)
                keys.Add((words[1], words[^1]));
            else if (id == ReleasedEvent)
                keys.Remove((words[1], words[^1]));
            else if (id == EndedEvent)
                keys.RemoveAll(entry => entry.Connection == words[1]);
        }

        return [.. keys.Select(entry => entry.Key)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in Enumerable.Reverse(_owned))
            await owned.DisposeAsync();
        await _database.DisposeAsync();
        Broker.Dispose();
    }

    private string[] Common => ["--coordination-schema", Name, "--amqp-prefix", Name, "--amqp-partitions", "2"];
}
