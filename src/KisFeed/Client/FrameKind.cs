namespace KisFeed;

/// <summary>What a <see cref="ReadAheadBuffer"/> holds next.</summary>
internal enum FrameKind
{
    /// <summary>Less than is needed to tell, or to take it.</summary>
    Incomplete,

    /// <summary>A whole message in one frame, which can be taken as it is.</summary>
    Message,

    /// <summary>Anything else: a fragment, a control frame, a message that is too long, a mistake.</summary>
    Other,
}
