namespace KisFeed;

/// <summary>The names under which clients can be observed: <c>docs/operations.md</c> has what they report.</summary>
public static class KisFeedDiagnostics
{
    /// <summary>The name of the meter that every client has.</summary>
    public const string MeterName = "KisFeed";

    /// <summary>The name of the source of activities that all clients share.</summary>
    public const string ActivitySourceName = "KisFeed";

    /// <summary>The version of both: the library's.</summary>
    public const string Version = "0.1.0";
}
