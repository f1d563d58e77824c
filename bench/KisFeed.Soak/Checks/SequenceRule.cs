namespace KisFeed.Soak.Checks;

/// <summary>How the records of a subscription follow one another while nothing is missing.</summary>
internal enum SequenceRule
{
    /// <summary>The cumulative volume grows by the record's own: no record can be missing, doubled or in another's place.</summary>
    Volumes,

    /// <summary>The cumulative volume grows: no record can be doubled or in another's place.</summary>
    Growth,

    /// <summary>The number grows, of those records that have a new one.</summary>
    Numbers,
}
