using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The parameter of an address that says which names members are to bear.</summary>
internal static class NamesParameter
{
    public const string Name = "names";

    /// <summary>What it can be, for people.</summary>
    public const string Values = "english or kis";

    public static bool TryParse(string text, out NameStyle names)
    {
        names = text == "kis" ? NameStyle.Kis : NameStyle.English;
        return text is "kis" or "english";
    }
}
