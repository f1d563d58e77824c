namespace KisFeed.Capture;

/// <summary>A file or a link that was found, but is not read: another name of a file that is read, or a link to a folder.</summary>
/// <param name="Path">The path.</param>
/// <param name="Reason">Why it is not read: <c>is the same file as …</c>.</param>
public sealed record SkippedPath(string Path, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path} is skipped: it {Reason}";
}
