namespace KisFeed.Replay;

/// <summary>Why a turn of a replay has ended.</summary>
internal enum PumpResult
{
    /// <summary>There is more to send: others were only to be let in.</summary>
    MoreIsDue,

    /// <summary>The time of the next frame has not come, or nobody is registered.</summary>
    NothingIsDue,

    /// <summary>Everybody has left, so that the next to come begins anew.</summary>
    IsDeserted,

    /// <summary>That was the last frame.</summary>
    IsOver,
}
