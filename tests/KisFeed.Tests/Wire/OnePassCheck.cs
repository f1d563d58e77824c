namespace KisFeed.Tests.Wire;

/// <summary>Checks that reading a frame in one pass gives the same results and errors as resolving its layout first.</summary>
internal static class OnePassCheck
{
    public static void Of(FeedSchema feed, DataFrame frame, RecordReaderBuffer buffer)
    {
        var isResolved = feed.TryResolve(frame, out var shape, out var error);
        if (buffer.TryRead(feed, frame, out var reader, out var readError) != isResolved || readError != error)
            throw new InvalidOperationException($"two passes: {error}; one pass: {readError}");
        if (!isResolved)
            return;
        if (reader.Shape != shape)
            throw new InvalidOperationException($"two passes: {shape}; one pass: {reader.Shape}");
        var expected = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        while (expected.MoveNext())
        {
            if (!reader.MoveNext())
                throw new InvalidOperationException($"record {expected.Current.Record} was not read");
            Compare(expected.Current, reader.Current);
        }

        if (reader.MoveNext())
            throw new InvalidOperationException("one pass returned an additional record");
    }

    private static void Compare(RecordFields expected, RecordFields read)
    {
        if (read.Record != expected.Record
            || read.ExtraCount != expected.ExtraCount
            || !IsSameSpan(read.Text, expected.Text)
            || !IsSameSpan(read.Unnamed, expected.Unnamed))
        {
            throw new InvalidOperationException($"record {expected.Record} differs");
        }
        if (!read.StartsFrom(0).SequenceEqual(expected.StartsFrom(0)))
            throw new InvalidOperationException($"the columns of record {expected.Record} have other positions");
    }

    private static bool IsSameSpan(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one.Length == other.Length && (one.IsEmpty || one.Overlaps(other, out var apart) && apart == 0);
}
