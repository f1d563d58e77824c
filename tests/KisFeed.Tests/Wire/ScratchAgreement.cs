using KisFeed.Wire;

namespace KisFeed.Tests.Wire;

/// <summary>Compares reading a frame in one pass with resolving its layout first: both give the same results and errors.</summary>
internal static class ScratchAgreement
{
    public static void Of(FeedSchema feed, DataFrame frame, RecordReaderBuffer scratch)
    {
        var isResolved = feed.TryResolve(frame, out var shape, out var error);
        if (scratch.TryRead(feed, frame, out var reader, out var readError) != isResolved || readError != error)
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
            Agree(expected.Current, reader.Current);
        }

        if (reader.MoveNext())
            throw new InvalidOperationException("there is an additional record");
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
