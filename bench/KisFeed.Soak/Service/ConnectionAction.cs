namespace KisFeed.Soak.Service;

/// <summary>What is done to connections.</summary>
internal enum ConnectionAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One is cut.</summary>
    DropOne,

    /// <summary>All are cut.</summary>
    DropAll,

    /// <summary>One falls silent.</summary>
    SilenceOne,

    /// <summary>All fall silent.</summary>
    SilenceAll,

    /// <summary>The simulator is killed, and started again.</summary>
    Restart,
}
