namespace KisFeed.Capture.Writing;

internal sealed class FileSummary
{
    public long Frames { get; set; }

    public DateTimeOffset? FirstAt { get; private set; }

    public DateTimeOffset? LastAt { get; private set; }

    /// <summary>The keys that were registered while it was written.</summary>
    public SortedSet<string> Keys { get; } = new(StringComparer.Ordinal);

    public void Frame(DateTimeOffset at)
    {
        Frames++;
        At(at);
    }

    public void Event(CaptureEvent captureEvent)
    {
        At(captureEvent.At);
        if (captureEvent is { Kind: CaptureEventKind.Registered, Key: { } key })
            Keys.Add(key);
        if (captureEvent.Kind == CaptureEventKind.Capture)
            Keys.UnionWith(captureEvent.Keys);
    }

    /// <summary>Appends the summary of the following part.</summary>
    public void Add(FileSummary next)
    {
        Frames += next.Frames;
        FirstAt ??= next.FirstAt;
        LastAt = next.LastAt ?? LastAt;
        Keys.UnionWith(next.Keys);
    }

    private void At(DateTimeOffset at)
    {
        FirstAt ??= at;
        LastAt = at;
    }
}
