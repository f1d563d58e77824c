using System.Diagnostics;
using System.Globalization;
using KisFeed.TestSupport;

namespace KisFeed.RabbitMq.Tests.Staging;

/// <summary>
/// A cluster of three nodes behind proxies, for all tests of a class. It is started by the first of them, because it takes seconds.
/// </summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    private const int Count = 3;

    // Those of docs/cluster.md. RabbitNode sets net_ticktime.
    private const string Configuration = """
        cluster_partition_handling = pause_minority
        """;

    // Of each connected node: its name, the number of nodes with which it shares its metadata, and the numbers of replicas of the streams.
    private const string States = """
        lists:flatten([io_lib:format("~s ~b ~s;", [N, length(erpc:call(N, mnesia, system_info, [running_db_nodes], 5000)),
          lists:join(",", [integer_to_list(length(proplists:get_value(online, Q)))
            || Q <- erpc:call(N, rabbit_amqqueue, info_all, [<<"/">>, [online]], 5000)])]) || N <- [node() | nodes()]]).
        """;

    private static readonly TimeSpan s_separationLimit = TimeSpan.FromSeconds(5);

    private string? _separated;
    private long _separatedSince;

    internal IReadOnlyList<RabbitNode> Nodes { get; private set; } = [];

    internal IReadOnlyList<TcpProxy> Proxies { get; private set; } = [];

    /// <summary>Whether each stream had a replica on each node when <see cref="FindSeparatedAsync"/> was called.</summary>
    internal bool HasAllReplicas { get; private set; }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in Proxies)
            await proxy.DisposeAsync();
        foreach (var node in Nodes.Reverse())
            await node.DisposeAsync();
    }

    /// <summary>Starts the nodes if they do not run, and publishes a session to streams that no other test uses.</summary>
    internal async Task<PublishedSession> PublishAsync(NumberedService.Options load)
    {
        var isNew = Nodes.Count == 0;
        if (isNew)
        {
            Nodes = await RabbitNode.StartClusterAsync(Count, Configuration);
            Proxies = [.. Nodes.Select(node => new TcpProxy(node.Port))];
        }

        var cluster = Broker.Cluster([.. Proxies.Select(proxy => proxy.Address)]);
        var session = await PublishedSession.StartAsync(
            cluster, load, options => options with { Tap = new FrameTapOptions { Capacity = 4_000, MaxBytes = 4 << 20 } });
        await session.UntilLiveAsync();

        // A node writes only after half a second that it belongs to the coordinator of the streams, which is created with the first stream.
        // Killed before, it never joins it again.
        if (isNew)
            await session.Service.UntilSentAsync(0, session.Service.SentOn(0) + 4_000);
        return session;
    }

    /// <summary>
    /// Returns a node that has been connected to others for a while, but shares its metadata with fewer than half of the nodes.
    /// </summary>
    internal async Task<RabbitNode?> FindSeparatedAsync()
    {
        HasAllReplicas = false;
        string[][] states;
        try
        {
            var text = await Nodes[0].ControlAsync("eval", States);
            states = [.. text.Trim().Trim('"').Split(';', StringSplitOptions.RemoveEmptyEntries).Select(state => state.Split(' '))];
        }
        catch (InvalidOperationException)
        {
            return null; // A node has not joined the others yet.
        }

        HasAllReplicas = states.Length == Count
            && states.All(state => SharingOf(state) == Count && state[2].Split(',').All(replicas => replicas == $"{Count}"));
        var separated = states.FirstOrDefault(state => SharingOf(state) * 2 < Count)?[0];
        if (separated is null || separated != _separated)
            (_separated, _separatedSince) = (separated, Stopwatch.GetTimestamp());
        else if (Stopwatch.GetElapsedTime(_separatedSince) > s_separationLimit)
            return Nodes.Single(node => node.Name == separated);
        return null;
    }

    private static int SharingOf(string[] state) => int.Parse(state[1], CultureInfo.InvariantCulture);
}
