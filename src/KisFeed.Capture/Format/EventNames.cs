namespace KisFeed.Capture;

/// <summary>How event lines call the events.</summary>
internal static class EventNames
{
    /// <summary>A frame that cannot stand as a line of its own.</summary>
    public const string Frame = "frame";

    public static string Of(CaptureEventKind kind) => kind switch
    {
        CaptureEventKind.Capture => "capture",
        CaptureEventKind.Connected => "connected",
        CaptureEventKind.Disconnected => "disconnected",
        CaptureEventKind.Registered => "registered",
        CaptureEventKind.Released => "released",
        CaptureEventKind.Refused => "refused",
        CaptureEventKind.Interrupted => "interrupted",
        CaptureEventKind.Gap => "gap",
        CaptureEventKind.Malformed => "malformed",
        CaptureEventKind.Storage => "storage",
        CaptureEventKind.Clock => "clock",
        CaptureEventKind.Closed => "closed",
        _ => "unknown",
    };

    public static CaptureEventKind KindOf(string name)
    {
        foreach (var kind in Enum.GetValues<CaptureEventKind>())
        {
            if (kind != CaptureEventKind.Unknown && name == Of(kind))
                return kind;
        }

        return CaptureEventKind.Unknown;
    }
}
