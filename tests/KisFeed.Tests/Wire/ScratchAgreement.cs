using KisFeed.Wire;

namespace KisFeed.Tests.Wire;

/// <summary>Reading a frame at one look beside finding its layout first and its columns then: both find the same, and the same wrong.</summary>
internal static class ScratchAgreement
{
    public static void Of(FeedSchema feed, DataFrame frame, RecordReaderBuffer scratch)
    {
        var isResolved = feed.TryResolve(frame, out var shape, out var error);
        if (scratch.TryRead(feed, frame, out var reader, out var readError) != isResolved || readError != error)
            throw new InvalidOperationException($"found one after the other: {error}; at one look: {readError}");
        if (!isResolved)
            return;
        if (reader.Shape != shape)
            throw new InvalidOperationException($"found one after the other: {shape}; at one look: {reader.Shape}");
        var expected = new RecordReader(frame, shape, new int[RecordReader.ScratchLength(shape)]);
        while (expected.MoveNext())
        {
            if (!reader.MoveNext())
                throw new InvalidOperationException($"record {expected.Current.Record} was not read");
            Agree(expected.Current, reader.Current);
        }

        if (reader.MoveNext())
            throw new InvalidOperationException("there is a record more");
    }

    private static void Agree(RecordFields expected, RecordFields read)
    {
        if (read.Record != expected.Record || read.ExtraCount != expected.ExtraCount || !Same(read.Text, expected.Text) || !Same(read.Unnamed, expected.Unnamed))
            throw new InvalidOperationException($"record {expected.Record} is not the same");
        if (!read.StartsFrom(0).SequenceEqual(expected.StartsFrom(0)))
            throw new InvalidOperationException($"the columns of record {expected.Record} stand elsewhere");
    }

    private static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => one.Length == other.Length && (one.IsEmpty || one.Overlaps(other, out var apart) && apart == 0);
}
