using System.Net;
using System.Net.Http.Headers;

namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>A visitor that reads server-sent events.</summary>
internal sealed class EventStreamVisitor(int port, VisitLog log) : IVisitor
{
    private static readonly TimeSpan s_readDelay = TimeSpan.FromMilliseconds(200);

    public string Name => "events";

    public async Task VisitAsync(Visit visit, VisitorConnection connection, Action<string> onRecord, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"http://127.0.0.1:{port}/v1/stream?snapshot=1&overflow={visit.Overflow}&queue={visit.Queue}&subscribe={visit.Subscriptions}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", visit.Token.Basic);
        using var answer = await connection.Http.SendAsync(request, cancellation);
        log.Count($"stream answered {(int)answer.StatusCode}");
        if (answer.StatusCode != HttpStatusCode.OK)
            return;
        using var stayDuration = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stayDuration.CancelAfter(visit.Stay);
        if (visit.ReadingBehavior == ReadingBehavior.NotAtAll)
        {
            await Task.Delay(visit.Stay, cancellation);
            return;
        }

        try
        {
            await ReadAsync(answer, visit, new StreamItems(visit, log, onRecord), stayDuration.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The visit is over.
        }
    }

    private static async Task ReadAsync(HttpResponseMessage answer, Visit visit, StreamItems items, CancellationToken cancellation)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                items.Add(line[6..]);
            if (visit.ReadingBehavior == ReadingBehavior.Slowly)
                await Task.Delay(s_readDelay, cancellation);
        }
    }
}
