namespace KisFeed;

/// <summary>
/// The names of the client's meter and activity source. <c>docs/operations.md</c> lists their instruments and activities.
/// </summary>
public static class KisFeedDiagnostics
{
    /// <summary>The name of each client's meter.</summary>
    public const string MeterName = "KisFeed";

    /// <summary>The name of the activity source that all clients share.</summary>
    public const string ActivitySourceName = "KisFeed";

    /// <summary>The version of meter and activity source: the library's.</summary>
    public const string Version = "0.1.0";
}
