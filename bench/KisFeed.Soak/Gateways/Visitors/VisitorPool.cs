using System.Net.WebSockets;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Runs a number of concurrent visits, each followed by another.</summary>
internal sealed class VisitorPool(Token[] tokens, IVisitor[] visitors, VisitLog log, int seed)
{
    private const double SlowShare = 0.1;
    private const double StalledShare = 0.1;
    private const double AbortShare = 0.4;
    private const int MaxKeys = 6;

    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(10);
    private static readonly int[] s_queues = [16, 256, 4096];
    private static readonly string[] s_overflows = ["drop-oldest", "latest", "disconnect"];

    /// <summary>Runs visits until it is cancelled; all have ended when the task completes.</summary>
    public Task RunAsync(int count, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(index => RunVisitsAsync(new Random(seed + index), cancellation)));

    private async Task RunVisitsAsync(Random random, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await Task.Delay(random.Next(0, 5_000), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested)
                return;
            var visitor = visitors[random.Next(visitors.Length)];
            var visit = Choose(random);
            log.Count($"visits, {visitor.Name}, {visit.ReadingBehavior}{(visit.ClosesCleanly ? "" : ", breaking off")}");
            using var connection = new VisitorConnection(s_connecting);
            try
            {
                await visitor.VisitAsync(visit, connection, static _ => { }, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The soak is over.
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
            {
                log.Count($"visits ended by {e.GetType().Name}");
            }

            if (!visit.ClosesCleanly && random.Next(2) == 0)
                connection.Reset();
            else if (!visit.ClosesCleanly)
                connection.Abort();
        }
    }

    private Visit Choose(Random random)
    {
        var token = tokens[random.Next(tokens.Length)];
        var behavior = random.NextDouble() switch
        {
            < StalledShare => ReadingBehavior.NotAtAll,
            < StalledShare + SlowShare => ReadingBehavior.Slowly,
            _ => ReadingBehavior.Promptly,
        };
        var keys = Enumerable.Range(0, random.Next(1, MaxKeys + 1))
            .Select(_ => GatewayPlan.VisitorKeys[random.Next(GatewayPlan.VisitorKeys.Length)]);
        if (token.Notices)
            keys = keys.Append(GatewayPlan.Notices[random.Next(GatewayPlan.Notices.Length)]);
        return new Visit
        {
            Token = token,
            Keys = [.. keys.Distinct()],
            ReadingBehavior = behavior,
            ClosesCleanly = random.NextDouble() >= AbortShare,

            // Most visits are short; some take minutes.
            Stay = TimeSpan.FromSeconds(2 + (random.NextDouble() * random.NextDouble() * random.NextDouble() * 300)),
            Overflow = s_overflows[random.Next(s_overflows.Length)],
            Queue = s_queues[random.Next(s_queues.Length)],
        };
    }
}
