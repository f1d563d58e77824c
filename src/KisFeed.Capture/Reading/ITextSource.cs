namespace KisFeed.Capture;

/// <summary>The text of a file, piece by piece.</summary>
internal interface ITextSource : IDisposable
{
    /// <summary>How far in the file it has come, in bytes.</summary>
    long Position { get; }

    /// <summary>The next piece.</summary>
    ValueTask<TextChunk> ReadAsync(CancellationToken cancellationToken);
}
