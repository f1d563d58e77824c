using System.Text.Json;
using KisFeed.Output;

namespace KisFeed.Tests.Wire;

/// <summary>Converts frames to JSON and CSV like the command.</summary>
internal static class Rendering
{
    /// <summary>One JSON object per record.</summary>
    public static List<string> Json(FeedSchema feed, string frame, NameStyle names)
    {
        var objects = new List<string>();
        ForEachRecord(feed, frame, (in RecordFields fields) =>
        {
            var output = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(output, RecordJson.WriterOptions))
            {
                json.WriteStartObject();
                RecordJson.WriteMembers(json, feed, fields, names);
                json.WriteEndObject();
            }

            objects.Add(Encoding.UTF8.GetString(output.WrittenSpan));
        });
        return objects;
    }

    /// <summary>The header and one row per record.</summary>
    public static List<string> Csv(FeedSchema feed, string frame, NameStyle names)
    {
        var csv = new RecordCsv(feed, names);
        var header = new ArrayBufferWriter<byte>();
        csv.WriteHeader(header);
        return [Encoding.UTF8.GetString(header.WrittenSpan), .. Rows(csv, feed, frame)];
    }

    /// <summary>One row per record.</summary>
    public static List<string> Rows(RecordCsv csv, FeedSchema feed, string frame)
    {
        var rows = new List<string>();
        ForEachRecord(feed, frame, (in RecordFields fields) =>
        {
            var row = new ExactBuffer();
            csv.WriteRow(row, fields);
            rows.Add(row.Text);
        });
        return rows;
    }

    /// <summary>The error of the first invalid record; no error if all are valid.</summary>
    public static FrameError Check(FeedSchema feed, ReadOnlySpan<byte> bytes)
    {
        DataFrame.TryParse(bytes, out var frame, out var error).ShouldBeTrue(error.ToString());
        feed.TryResolve(frame, out var shape, out error).ShouldBeTrue(error.ToString());
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            if (!RecordJson.TryCheck(feed, reader.Current, out error))
                return error;
        }

        return default;
    }

    private static void ForEachRecord(FeedSchema feed, string text, FieldsAction action)
    {
        DataFrame.TryParse(Decoding.Bytes(text), out var frame, out var error).ShouldBeTrue(error.ToString());
        feed.TryResolve(frame, out var shape, out error).ShouldBeTrue(error.ToString());
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            RecordJson.TryCheck(feed, reader.Current, out error).ShouldBeTrue(error.ToString());
            action(reader.Current);
        }
    }

    private delegate void FieldsAction(in RecordFields fields);
}
