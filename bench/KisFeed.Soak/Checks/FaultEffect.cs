namespace KisFeed.Soak.Checks;

/// <summary>What a fault brings with it that would be wrong at any other time.</summary>
[Flags]
internal enum FaultEffect
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Messages that nobody can read.</summary>
    Noise = 1,

    /// <summary>Notices whose key was lost with the acknowledgement.</summary>
    LostKeys = 2,
}
