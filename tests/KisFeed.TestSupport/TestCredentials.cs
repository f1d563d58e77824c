namespace KisFeed.TestSupport;

/// <summary>Credentials in the broker's format.</summary>
internal static class TestCredentials
{
    public static string AppSecret { get; } = string.Concat(Enumerable.Repeat("Ab1+/z", 29)) + "Qw4Rt=";

    public static string NewAppKey() => $"PSTE{Guid.NewGuid():N}";
}
