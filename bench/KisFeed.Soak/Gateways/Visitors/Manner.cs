namespace KisFeed.Soak.Gateways.Visitors;

/// <summary>How a visitor reads.</summary>
internal enum Manner
{
    /// <summary>As fast as it comes.</summary>
    Reads,

    /// <summary>A little at a time.</summary>
    Dawdles,

    /// <summary>Not at all, once it is connected.</summary>
    IsDeaf,
}
