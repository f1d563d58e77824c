namespace KisFeed.Tests.Wire;

/// <summary>Converts frames to records and back like a consumer.</summary>
internal static class Decoding
{
    public static DateTimeOffset ReceivedAt { get; } = new(2026, 11, 20, 0, 30, 1, 250, TimeSpan.Zero);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>All records of a frame, up to the first error.</summary>
    public static bool TryRecords<T>(FeedSchema feed, ReadOnlySpan<byte> bytes, StringPool texts, List<T> records, out FrameError error)
        where T : struct, IFeedRecord<T>
    {
        if (!DataFrame.TryParse(bytes, out var frame, out error) || !feed.TryResolve(frame, out var shape, out error))
            return false;
        var reader = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            if (!T.TryDecode(reader.Current, texts, ReceivedAt, out var record, out error))
                return false;
            records.Add(record);
        }

        return true;
    }

    public static List<T> Records<T>(FeedSchema feed, string frame)
        where T : struct, IFeedRecord<T>
    {
        var records = new List<T>();
        TryRecords(feed, Bytes(frame), new StringPool(), records, out var error).ShouldBeTrue(error.ToString());
        return records;
    }

    public static T Record<T>(FeedSchema feed, string frame)
        where T : struct, IFeedRecord<T> => Records<T>(feed, frame).ShouldHaveSingleItem();

    public static FrameError Error<T>(FeedSchema feed, ReadOnlySpan<byte> bytes)
        where T : struct, IFeedRecord<T>
    {
        var accepted = TryRecords(feed, bytes, new StringPool(), new List<T>(), out var error);
        accepted.ShouldBeFalse("the frame was accepted");
        return error;
    }

    public static string Encode<T>(string trId, params T[] records)
        where T : struct, IFeedRecord<T>
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Write<T>(output, trId, records);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The shape of a frame.</summary>
    public static FrameShape Shape(FeedSchema feed, string text)
    {
        DataFrame.TryParse(Bytes(text), out var frame, out var error).ShouldBeTrue(error.ToString());
        feed.TryResolve(frame, out var shape, out error).ShouldBeTrue(error.ToString());
        return shape;
    }
}
