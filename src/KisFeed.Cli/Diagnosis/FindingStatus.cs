namespace KisFeed.Cli.Diagnosis;

/// <summary>How something was found to be.</summary>
internal enum FindingStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Nothing is wrong, but it is good to know.</summary>
    Note,

    /// <summary>It works, but should be mended.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It was not looked at, because something before it failed.</summary>
    Skipped,
}
