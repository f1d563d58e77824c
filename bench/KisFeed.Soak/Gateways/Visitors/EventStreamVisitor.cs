using System.Net;
using System.Net.Http.Headers;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>Visits that read server-sent events.</summary>
internal sealed class EventStreamVisitor(int port, VisitLog log) : IVisitor
{
    private static readonly TimeSpan s_dawdling = TimeSpan.FromMilliseconds(200);

    public string Name => "events";

    public async Task VisitAsync(Visit visit, Wire wire, Action<string> onRecord, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/v1/stream?snapshot=1&overflow={visit.Overflow}&queue={visit.Queue}&subscribe={visit.Subscriptions}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", visit.Token.Basic);
        using var answer = await wire.Http.SendAsync(request, cancellation);
        log.Count($"stream answered {(int)answer.StatusCode}");
        if (answer.StatusCode != HttpStatusCode.OK)
            return;
        using var stay = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stay.CancelAfter(visit.Stay);
        if (visit.Manner == Manner.IsDeaf)
        {
            await Task.Delay(visit.Stay, cancellation);
            return;
        }

        try
        {
            await ReadAsync(answer, visit, new StreamItems(visit, log, onRecord), stay.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The stay is over.
        }
    }

    private static async Task ReadAsync(HttpResponseMessage answer, Visit visit, StreamItems items, CancellationToken cancellation)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                items.Add(line[6..]);
            if (visit.Manner == Manner.Dawdles)
                await Task.Delay(s_dawdling, cancellation);
        }
    }
}
