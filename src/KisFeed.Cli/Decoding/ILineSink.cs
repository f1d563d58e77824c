namespace KisFeed.Cli.Decoding;

/// <summary>Takes the lines of a text in their order. Numbers begin with 1.</summary>
internal interface ILineSink
{
    /// <summary>A line without its end.</summary>
    void Line(ReadOnlySpan<byte> line, long number);

    /// <summary>A line longer than the limit: its beginning. The rest is passed over.</summary>
    void TooLong(ReadOnlySpan<byte> beginning, long number);

    /// <summary>No more lines are at hand; what was made of those so far is due.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
