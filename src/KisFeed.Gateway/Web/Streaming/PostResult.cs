namespace KisFeed.Gateway;

/// <summary>What is to be done after something was put into a <see cref="StreamQueue"/>.</summary>
[Flags]
internal enum PostResult
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The reader waits, and is to be woken.</summary>
    Wake = 1,

    /// <summary>It was too much: the queue takes nothing more, and is to be completed.</summary>
    Overrun = 2,
}
