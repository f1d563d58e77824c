using System.Net.WebSockets;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>The visitors that come and go: each place is taken by one visit after another.</summary>
internal sealed class Crowd(Token[] tokens, IVisitor[] visitors, VisitLog log, int seed)
{
    private const double DawdlingShare = 0.1;
    private const double DeafShare = 0.1;
    private const double ImpoliteShare = 0.4;
    private const int MostKeys = 6;

    private static readonly TimeSpan s_connecting = TimeSpan.FromSeconds(10);
    private static readonly int[] s_queues = [16, 256, 4096];
    private static readonly string[] s_overflows = ["drop-oldest", "latest", "disconnect"];

    /// <summary>Lets so many come and go until it is cancelled; all have left then.</summary>
    public Task RunAsync(int count, CancellationToken cancellation) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(place => ComeAndGoAsync(new Random(seed + place), cancellation)));

    private async Task ComeAndGoAsync(Random random, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await Task.Delay(random.Next(0, 5_000), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested)
                return;
            var visitor = visitors[random.Next(visitors.Length)];
            var visit = Choose(random);
            log.Count($"visits, {visitor.Name}, {visit.Manner}{(visit.IsPolite ? "" : ", breaking off")}");
            using var wire = new Wire(s_connecting);
            try
            {
                await visitor.VisitAsync(visit, wire, static _ => { }, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                // The soak is over.
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException)
            {
                log.Count($"visits ended by {e.GetType().Name}");
            }

            if (!visit.IsPolite && random.Next(2) == 0)
                wire.Reset();
            else if (!visit.IsPolite)
                wire.BreakOff();
        }
    }

    private Visit Choose(Random random)
    {
        var token = tokens[random.Next(tokens.Length)];
        var manner = random.NextDouble() switch
        {
            < DeafShare => Manner.IsDeaf,
            < DeafShare + DawdlingShare => Manner.Dawdles,
            _ => Manner.Reads,
        };
        var keys = Enumerable.Range(0, random.Next(1, MostKeys + 1)).Select(_ => GatewayPlan.VisitorKeys[random.Next(GatewayPlan.VisitorKeys.Length)]);
        if (token.Notices)
            keys = keys.Append(GatewayPlan.Notices[random.Next(GatewayPlan.Notices.Length)]);
        return new Visit
        {
            Token = token,
            Keys = [.. keys.Distinct()],
            Manner = manner,
            IsPolite = random.NextDouble() >= ImpoliteShare,

            // Most are short; some stay for minutes.
            Stay = TimeSpan.FromSeconds(2 + (random.NextDouble() * random.NextDouble() * random.NextDouble() * 300)),
            Overflow = s_overflows[random.Next(s_overflows.Length)],
            Queue = s_queues[random.Next(s_queues.Length)],
        };
    }
}
