using System.Globalization;
using KisFeed.Capture;
using KisFeed.Capture.Files;
using KisFeed.Capture.Following;
using KisFeed.Capture.Reading;
using KisFeed.Capture.Recording;
using KisFeed.Output;
using KisFeed.PostgreSql.Tables;
using KisFeed.Wire;

namespace KisFeed.PostgreSql.Rows;

/// <summary>Converts the items of a capture to rows. Does no I/O. Not thread-safe.</summary>
internal sealed class BatchEncoder
{
    public const string GapTable = "gap";
    public const string MalformedTable = "malformed";
    public const string PartTable = "capture_part";

    // A longer key does not fit the index. Real ones have at most 20 bytes.
    private const int MaxKeyLength = 500;

    // A time outside means a clock that is wrong, and PostgreSQL would need a partition for it.
    private static readonly DateTimeOffset s_earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FeedCatalog _catalog;
    private readonly string _capture;
    private readonly bool _notices;
    private readonly RecordReaderBuffer _scratch = new();
    private readonly StringPool _keys = new();
    private readonly Dictionary<string, RowEncoder> _encoders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _last;

    /// <summary>Creates an encoder.</summary>
    /// <param name="catalog">The feeds.</param>
    /// <param name="capture">The name of the capture.</param>
    /// <param name="notices">Whether order notices are stored.</param>
    /// <param name="last">When the last frame of each feed was received, which the encoder updates.</param>
    public BatchEncoder(FeedCatalog catalog, string capture, bool notices, Dictionary<string, DateTimeOffset> last)
    {
        _catalog = catalog;
        _capture = capture;
        _notices = notices;
        _last = last;
        foreach (var table in FeedTable.AllOf(catalog))
        {
            foreach (var trId in table.Feeds)
            {
                if (catalog.TryFind(trId, out var feed) && (notices || !feed.IsNotice))
                    _encoders.Add(trId, new RowEncoder(feed, table));
            }
        }
    }

    /// <summary>Whether the files of a feed are stored.</summary>
    public bool Accepts(string trId) => _encoders.ContainsKey(trId) || trId == CaptureEncoder.UnknownFeed;

    /// <summary>Adds the items of a file to a batch.</summary>
    public void Encode(FollowedBatch items, StoreBatch batch)
    {
        ArgumentNullException.ThrowIfNull(items);
        var records = 0;
        long? lastId = null;
        foreach (var item in items.Items)
        {
            if (item.Item.Problem is { } problem)
            {
                AddProblem(items, item, problem, batch);
            }
            else if (item.Item.Event is { } captureEvent)
            {
                AddEvent(items, item, captureEvent, batch);
            }
            else if (!IsSane(item.Item.At))
            {
                AddMalformed(
                    items, item, batch, "time", $"the receive time {item.Item.At:O} cannot be right", item.Item.Frame.Bytes.Span,
                    record: 0);
            }
            else
            {
                records += AddFrame(items, item, batch, ref lastId);
            }
            if (item.Item.IsFrame && IsSane(item.Item.At))
                _last[items.Feed] = item.Item.At;
        }

        AddPart(items, batch);
        batch.Move(items, records, lastId);
    }

    /// <summary>Adds that a file was removed before it was stored completely.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="feed">The TR ID.</param>
    /// <param name="day">The day of its folder.</param>
    /// <param name="file">The path within the folder of the capture.</param>
    /// <param name="position">The position up to which it is stored.</param>
    /// <param name="firstAt">The time of its first line, if known.</param>
    public void EncodeRemoved(StoreBatch batch, string feed, DateOnly day, string file, long position, DateTimeOffset? firstAt)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"the file was removed when {position} bytes of it were stored: later data of the feed may be missing");
        AddGap(
            batch, day, file, position, -1, "removed", feed,
            new CaptureEvent { Kind = CaptureEventKind.Gap, At = default, Reason = GapReason.NotRecorded, From = Last(feed), Text = text });
        batch.Close(feed, file, position, firstAt);
    }

    private static bool IsSane(DateTimeOffset at) => at >= s_earliest && at < s_latest;

    private static DateOnly DayOf(DateTimeOffset at, DateOnly otherwise) => IsSane(at) ? CaptureDays.Of(at) : otherwise;

    private DateTimeOffset? Last(string feed) => _last.TryGetValue(feed, out var at) ? at : null;

    private int AddFrame(FollowedBatch items, in FollowedItem item, StoreBatch batch, ref long? lastId)
    {
        var bytes = item.Item.Frame.Bytes.Span;
        var at = item.Item.At;
        if (!PlainFrame.TryRead(_catalog, item.Item.Frame, _scratch, out var feed, out var reader, out var error))
        {
            AddMalformed(items, item, batch, error, bytes, record: 0);
            return 0;
        }

        // A frame of a notice in the file of another feed.
        if (!_encoders.TryGetValue(feed!.TrId, out var encoder))
            return 0;
        var rows = batch.RowsOf(encoder.Table);
        var (id, day) = (at.UtcTicks - DateTime.UnixEpoch.Ticks, DayOf(at, default));
        var records = 0;
        while (reader.MoveNext())
        {
            var fields = reader.Current;
            var key = feed.KeyOf(fields);
            var isStorable = key.Length <= MaxKeyLength && !fields.Text.Contains((byte)0) && fields.Record < short.MaxValue;
            if (!isStorable || !encoder.TryWrite(rows, fields, at, id, day))
            {
                if (!RecordJson.TryCheck(feed, fields, out error))
                {
                    AddMalformed(items, item, batch, error, fields.Text, fields.Record + 1);
                }
                else
                {
                    AddMalformed(items, item, batch, "notStorable", "PostgreSQL cannot store a text with a zero byte, a key of more than "
                        + "500 bytes, or more than 32,767 records of one frame", fields.Text, fields.Record + 1);
                }
                continue;
            }

            batch.AddKey(new StoredKey(encoder.Table.Name, feed.TrId, KeyText(key), day), id, (short)(fields.Record + 1));
            records++;
        }

        if (records > 0)
        {
            batch.AddPartition(encoder.Table.Name, day);
            lastId = lastId > id ? lastId : id;
        }

        return records;
    }

    // Without those that have, or may have, order notices, unless notices are stored. What is left out is reported when the file is read.
    private void AddPart(FollowedBatch items, StoreBatch batch)
    {
        if (items.Bytes.IsEmpty || !items.Items.All(item => MayStore(items.Feed, item)))
            return;
        var first = items.Items.Select(item => item.Item.At).FirstOrDefault(IsSane);
        var rows = batch.RowsOf(PartTable);
        rows.BeginRow(6);
        rows.Write(items.Day);
        rows.WriteText(_capture);
        rows.WriteText(items.File);
        rows.Write(items.Start);
        rows.Write(first == default ? null : first.UtcTicks - DateTime.UnixEpoch.Ticks);
        rows.WriteBytes(items.Bytes.Span);
        batch.AddPartition(PartTable, items.Day);
    }

    private string KeyText(ReadOnlySpan<byte> key) => _keys.TryGet(key, out var text) ? text : "";

    private void AddEvent(FollowedBatch items, in FollowedItem item, CaptureEvent captureEvent, StoreBatch batch)
    {
        var (name, row) = captureEvent.Kind switch
        {
            CaptureEventKind.Gap => ("gap", captureEvent),
            CaptureEventKind.Interrupted => ("interrupted", captureEvent with { From = captureEvent.At, To = null }),
            CaptureEventKind.Capture when captureEvent.IsStart =>
                ("start", captureEvent with { Reason = GapReason.NotRecorded, From = Last(items.Feed), To = captureEvent.At }),
            _ => ("", captureEvent),
        };
        if (name.Length > 0)
        {
            AddGap(batch, DayOf(captureEvent.At, items.Day), items.File, item.Position, item.Line, name, items.Feed, row);
        }
        else if (captureEvent.Kind == CaptureEventKind.Malformed)
        {
            AddMalformed(
                items, item, batch, "withheld", captureEvent.Text ?? "a message that could not be read is not in the capture", default,
                record: 0);
        }
    }

    private void AddProblem(FollowedBatch items, in FollowedItem item, CaptureProblem problem, StoreBatch batch)
    {
        AddMalformed(items, item, batch, JsonName.Of(problem.Kind), problem.Message, item.Text.Span, record: 0);
        if (problem.Kind != CaptureProblemKind.MalformedLine)
        {
            AddGap(batch, DayOf(item.Item.At, items.Day), items.File, item.Position, item.Line, "damage", items.Feed, new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = item.Item.At,
                Reason = GapReason.Unreadable,
                From = Last(items.Feed),
                Text = problem.Message,
            });
        }
    }

    private static void AddGap(
        StoreBatch batch, DateOnly day, string file, long position, int line, string name, string feed, CaptureEvent gap)
    {
        var rows = batch.RowsOf(GapTable);
        rows.BeginRow(12);
        rows.Write(day);
        rows.WriteText(gap.TrId ?? feed);
        rows.WriteText(gap.Key ?? "");
        rows.WriteText(name);
        rows.WriteText(gap.Reason is { } reason ? JsonName.Of(reason) : null);
        rows.Write(gap.From);
        rows.Write(gap.To);
        rows.Write(gap.Frames);
        rows.WriteText(gap.Text);
        rows.WriteText(file);
        rows.Write(position);
        rows.Write(line);
        batch.AddPartition(GapTable, day);
    }

    private void AddMalformed(
        FollowedBatch items, in FollowedItem item, StoreBatch batch, in FrameError error, ReadOnlySpan<byte> raw, int record) =>
        AddMalformed(items, item, batch, JsonName.Of(error.Kind), error.ToString(), raw, record);

    private void AddMalformed(
        FollowedBatch items, in FollowedItem item, StoreBatch batch, string kind, string text, ReadOnlySpan<byte> raw, int record)
    {
        var (at, day) = (item.Item.At, DayOf(item.Item.At, items.Day));
        var rows = batch.RowsOf(MalformedTable);
        rows.BeginRow(11);
        rows.Write(day);
        rows.WriteText(items.Feed);
        rows.Write(IsSane(at) ? at : null);
        rows.Write(IsSane(at) ? at.UtcTicks - DateTime.UnixEpoch.Ticks : null);
        rows.WriteText(kind);
        rows.WriteText(text);
        if (raw.IsEmpty || !MayStore(items.Feed, item))
            rows.WriteNull();
        else
            rows.WriteBytes(raw);
        rows.WriteText(items.File);
        rows.Write(item.Position);
        rows.Write(item.Line);
        rows.Write(record);
        batch.AddPartition(MalformedTable, day);
    }

    // A frame of an unknown feed, or whose header cannot be read in a file of such, may be an order notice.
    private bool MayStore(string feed, in FollowedItem item)
    {
        if (_notices)
            return true;
        if (!_encoders.ContainsKey(feed))
            return false;
        return !item.Item.IsFrame
            || !DataFrame.TryParse(item.Item.Frame.Bytes.Span, out var frame, out _)
            || (_catalog.TryGet(frame.TrId, out var own) && !own.IsNotice);
    }
}
