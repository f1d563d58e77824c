namespace KisFeed;

/// <summary>The kinds of events in a capture.</summary>
public enum CaptureEventKind
{
    /// <summary>An event that this version does not know; see <see cref="CaptureEvent.Name"/>.</summary>
    Unknown,

    /// <summary>A recorder started to write: the header of a file, or the position where a file was continued.</summary>
    Capture,

    /// <summary>A session connected.</summary>
    Connected,

    /// <summary>A session lost its connection.</summary>
    Disconnected,

    /// <summary>The server acknowledged a registration. Its frames may follow from here.</summary>
    Registered,

    /// <summary>
    /// The first frame of a registration follows. A reader that begins after the registration thereby learns that
    /// earlier frames of the key may be missing.
    /// </summary>
    First,

    /// <summary>A registration was released.</summary>
    Released,

    /// <summary>The server refused a registration permanently.</summary>
    Refused,

    /// <summary>Data may be missing from here on, until the gap event with the details.</summary>
    Interrupted,

    /// <summary>Data is missing here.</summary>
    Gap,

    /// <summary>A message that is not a frame could not be read. It is not in the capture, because it may contain keys.</summary>
    Malformed,

    /// <summary>The recorder could not write for a while.</summary>
    Storage,

    /// <summary>The machine's clock was set back, so times go back here.</summary>
    Clock,

    /// <summary>The recorder ended normally.</summary>
    Closed,

    /// <summary>
    /// The source of the feed states another trading day. Readers do not return these events: each frame has its
    /// <see cref="Frame.StatedDay"/>.
    /// </summary>
    Day,
}
