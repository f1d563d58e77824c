using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>A consumer that stays for all of the soak with the keys that are kept: the gateway has no reason to end its connection.</summary>
internal sealed class Resident(IVisitor visitor, Token token, VisitLog log)
{
    private const int Queue = 4096;

    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_forever = TimeSpan.FromDays(40);

    private readonly ConcurrentDictionary<string, long> _records = new(StringComparer.Ordinal);

    public string Name => visitor.Name;

    /// <summary>The records, or frames, it has had so far of each feed.</summary>
    public IReadOnlyDictionary<string, long> Records => _records;

    /// <summary>Stays until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var visit = new Visit
        {
            Token = token,
            Keys = [.. GatewayPlan.Kept.Select(k => (k.Feed.TrId, k.Key))],
            Manner = Manner.Reads,
            IsPolite = true,
            Stay = s_forever,
            Overflow = "drop-oldest",
            Queue = Queue,
        };
        while (!cancellation.IsCancellationRequested)
        {
            using var wire = new Wire(s_connecting);
            try
            {
                await visitor.VisitAsync(visit, wire, trId => _records.AddOrUpdate(trId, 1, static (_, count) => count + 1), cancellation);
                if (!cancellation.IsCancellationRequested)
                    log.Wrong($"the gateway ended the connection of a consumer that reads ({Name})");
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The soak is over.
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
            {
                log.Wrong($"the connection of a consumer that reads ({Name}) ended: {e.Message}");
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
