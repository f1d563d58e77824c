using System.Buffers;
using System.Globalization;
using System.Text;
using KisFeed.Capture;
using KisFeed.Capture.Export;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Dispatching;
using KisFeed.Gateway.History;
using KisFeed.Gateway.Http;
using KisFeed.Output;
using KisFeed.Server.Http;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Streaming;

/// <summary><c>/v1/records</c>: recorded items of keys, in pages. Registers nothing.</summary>
internal sealed class RecordsEndpoint(
    HistorySource? source, StreamTargets targets, StreamItemRenderer renderer, AuditTrail audit, TimeProvider time)
{
    public async Task<IResult> AnswerAsync(HttpContext context, Account account)
    {
        var (request, problem) = RecordsRequest.Parse(context.Request.Query, targets, time.GetUtcNow());
        problem ??= PastTime.ProblemOf(source, request.Targets)
            ?? StreamTargets.ProblemOf(request.Targets, account, audit, context.Connection.RemoteIpAddress);
        if (problem is not null)
            return problem;
        try
        {
            if (!request.IsCapture)
                return await ReadPageAsync(context, request).ConfigureAwait(false);
            await WriteCaptureAsync(request, context).ConfigureAwait(false);
        }
        catch (CaptureArchiveException e) when (!context.Response.HasStarted)
        {
            return PastTime.Unavailable(e);
        }
        catch (CaptureArchiveException)
        {
            context.Abort(); // The client sees that the answer is incomplete.
        }

        return Results.Empty;
    }

    private async Task<WebAnswer> ReadPageAsync(HttpContext context, RecordsRequest request)
    {
        var (items, hasMore) = await ReadAsync(request, context.RequestAborted).ConfigureAwait(false);
        var next = items.Count > 0 ? StreamId.Format(renderer.Epoch, items[^1]) : null;
        if (!request.IsCsv)
            return new WebAnswer(WebAnswer.JsonType, WriteJson(request, items, next, hasMore));
        if (hasMore && next is not null)
        {
            var others = context.Request.Query
                .Where(q => !RecordsRequest.IsPosition(q.Key))
                .SelectMany(q => q.Value.Select(v => $"{q.Key}={Uri.EscapeDataString(v!)}"));
            context.Response.Headers.Link = $"<?{string.Join('&', others.Append($"from={next}"))}>; rel=\"next\"";
        }

        return new WebAnswer("text/csv; charset=utf-8; header=present", WriteCsv(request, items));
    }

    // All of it, at the pace of the client.
    private async Task WriteCaptureAsync(RecordsRequest request, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        var until = (await source!.FlushAsync(cancellationToken).ConfigureAwait(false))?.End ?? time.GetUtcNow();
        if (request.Until < until)
            until = request.Until;
        SseStream.Prepare(context.Response, isCapture: true);
        ResponseRate.Free(context);
        DeadPeerDetection.Enable(context);
        var frames = new RecordedFrames(source, request.Targets.Distinct().Select(target => new HistoryKey(target.Feed, target.Key)));
        await foreach (var part in frames.ReadAsync(request.From.At, until, cancellationToken).ConfigureAwait(false))
            await context.Response.BodyWriter.WriteAsync(part, cancellationToken).ConfigureAwait(false);
    }

    // The page, and whether the requested time has more.
    private async Task<(List<StreamItem> Items, bool HasMore)> ReadAsync(RecordsRequest request, CancellationToken cancellationToken)
    {
        var keys = request.Targets.Distinct().Select(target => new HistoryKey(target.Feed, target.Key)).ToList();
        var sink = new PageSink(keys, request.From);
        var reader = new HistoryReader(source!, sink, request.From);
        var until = (await source!.FlushAsync(cancellationToken).ConfigureAwait(false))?.End ?? time.GetUtcNow();
        if (request.Until < until)
            until = request.Until;
        var items = new List<StreamItem>();
        await foreach (var _ in reader.ReadAsync(until, cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in sink.Items)
            {
                if (items.Count >= request.Limit && TryEndPage(items))
                    return (items, true);
                items.Add(item);
            }

            sink.Items.Clear();
        }

        return (items, false);
    }

    private sealed class PageSink(IEnumerable<HistoryKey> keys, HistoryPosition after) : RecordedItemSink(keys, after)
    {
        public List<StreamItem> Items { get; } = [];

        protected override void Add(StreamItem item) => Items.Add(item);

        protected override void AddRecord(HistoryKey key, in RecordFields fields, HistoryPosition position, DateTimeOffset receivedAt) =>
            Add(new StreamItem
            {
                Kind = StreamItemKind.Record,
                IsRecorded = true,
                Position = position,
                Key = key,
                Feed = key.Feed,
                TrId = key.Feed.TrId,
                ReceivedAt = receivedAt,
                Frame = key.Frames.Of(fields.Text),
                Shape = ShapeOf(fields),
            });
    }

    // A gap has the position of the record before it, so the next page would begin with it again. A page of gaps
    // alone would be followed by itself.
    private static bool TryEndPage(List<StreamItem> items)
    {
        var last = items.FindLastIndex(item => item.Kind != StreamItemKind.Gap);
        if (last >= 0)
            items.RemoveRange(last + 1, items.Count - last - 1);
        return last >= 0;
    }

    private ReadOnlyMemory<byte> WriteJson(RecordsRequest request, List<StreamItem> items, string? next, bool hasMore)
    {
        var body = new ArrayBufferWriter<byte>();
        body.Write("{\"items\":["u8);
        foreach (var item in items)
        {
            if (item != items[0])
                body.Write(","u8);
            body.Write("\n"u8);
            body.Write(renderer.RenderJson(item, request.Names));
        }

        body.Write("\n],\"next\":"u8);
        Encoding.UTF8.GetBytes(next is null ? "null" : $"\"{next}\"", body);
        body.Write(hasMore ? ",\"more\":true}\n"u8 : ",\"more\":false}\n"u8);
        return body.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> WriteCsv(RecordsRequest request, List<StreamItem> items)
    {
        var body = new ArrayBufferWriter<byte>();
        var csv = new RecordCsv(request.Targets[0].Feed, request.Names);
        var clock = new ExchangeClock();
        Encoding.UTF8.GetBytes($"{ExportColumns.ReceivedAt(request.Names)},{ExportColumns.ExchangeTime(request.Names)},"
            + $"{ExportColumns.Feed},{ExportColumns.Key},{ExportColumns.Record},", body);
        csv.WriteHeader(body);
        body.Write(RecordCsv.LineEnd);
        foreach (var item in items.Where(item => item.Kind == StreamItemKind.Record))
            Write(item);
        return body.WrittenMemory;

        void Write(StreamItem item)
        {
            _ = DataFrame.TryParse(item.Frame, out var frame, out _);
            var reader = new RecordReader(frame, item.Shape, stackalloc int[RecordReader.ScratchLength(item.Shape)]);
            _ = reader.MoveNext();
            var room = body.GetSpan(ExchangeClock.ReceiptLength + ExchangeClock.ExchangeLength + 1);
            ExchangeClock.WriteReceipt(room, item.ReceivedAt);
            room[ExchangeClock.ReceiptLength] = (byte)',';
            var length = ExchangeClock.ReceiptLength + 1;
            if (clock.TryWriteExchange(room[length..], item.Feed!, reader.Current, item.ReceivedAt))
                length += ExchangeClock.ExchangeLength;
            body.Advance(length);
            Encoding.ASCII.GetBytes($",{item.Feed!.TrId},", body);
            RecordCsv.WriteText(body, Encoding.UTF8.GetBytes(item.Key!.Key));
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",{item.Position.Record},"), body);
            csv.WriteRow(body, reader.Current);
            body.Write(RecordCsv.LineEnd);
        }
    }
}
