namespace KisFeed.Benchmarks.Sockets;

/// <summary>Made-up credentials of plausible form. Each session has an app key of its own, since a service allows a key one session and may not have noticed yet that the last one has gone.</summary>
internal static class Credentials
{
    public static string AppSecret { get; } = new('s', 180);

    public static string NewAppKey() => $"BENCH{Guid.NewGuid():N}"[..36].ToUpperInvariant();
}
