namespace KisFeed.Capture;

/// <summary>What an event line of a capture tells.</summary>
public enum CaptureEventKind
{
    /// <summary>Something that this version does not know; <see cref="CaptureEvent.Name"/> says what it is called.</summary>
    Unknown,

    /// <summary>A recorder has begun to write: the head of a file, or the place where it was taken up again.</summary>
    Capture,

    /// <summary>A session has connected.</summary>
    Connected,

    /// <summary>A session has lost its connection.</summary>
    Disconnected,

    /// <summary>The server has acknowledged a registration: its frames may follow from here.</summary>
    Registered,

    /// <summary>A registration is no longer wanted.</summary>
    Released,

    /// <summary>The server has refused a registration for good.</summary>
    Refused,

    /// <summary>From here on data may be missing, until the gap that says how much.</summary>
    Interrupted,

    /// <summary>Data are missing here.</summary>
    Gap,

    /// <summary>A message came that is no frame and could not be read. It is not in the capture, since it may hold keys.</summary>
    Malformed,

    /// <summary>The recorder could not write for a while.</summary>
    Storage,

    /// <summary>The machine's clock was set back, so that times go back here.</summary>
    Clock,

    /// <summary>The recorder has ended in order.</summary>
    Closed,
}
