using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>
/// A consumer of the kept keys that stays connected for the whole soak: the gateway has no reason to close its connection.
/// </summary>
internal sealed class PermanentConsumer(IVisitor visitor, Token token, VisitLog log)
{
    private const int Queue = 4096;

    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_forever = TimeSpan.FromDays(40);

    private readonly ConcurrentDictionary<string, long> _records = new(StringComparer.Ordinal);

    public string Name => visitor.Name;

    /// <summary>The received records or frames by TR ID.</summary>
    public IReadOnlyDictionary<string, long> Records => _records;

    /// <summary>Stays connected until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var visit = new Visit
        {
            Token = token,
            Keys = [.. GatewayPlan.KeptKeys.Select(k => (k.Feed.TrId, k.Key))],
            ReadingBehavior = ReadingBehavior.Promptly,
            ClosesCleanly = true,
            Stay = s_forever,
            Overflow = "drop-oldest",
            Queue = Queue,
        };
        while (!cancellation.IsCancellationRequested)
        {
            using var connection = new VisitorConnection(s_connecting);
            try
            {
                await visitor.VisitAsync(
                    visit, connection, trId => _records.AddOrUpdate(trId, 1, static (_, count) => count + 1), cancellation);
                if (!cancellation.IsCancellationRequested)
                    log.ReportError($"the gateway ended the connection of a consumer that reads ({Name})");
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The soak is over.
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
            {
                log.ReportError($"the connection of a consumer that reads ({Name}) ended: {e.Message}");
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
